/** What the folders of files with one sample each say: their classes, and which are trained on and which held back. */
import { RangefinderError } from '../../../base/errors';
import { labelsOfNames } from '../labels';
import type { SampleSource } from '../types';

/** Folders called like this divide a data set, they are no classes; years stand behind them in COCO. */
const PART =
  /^(train|training|test|testing|val|valid|validation|eval|evaluation|images?|imgs|img_dir|jpegimages|wavs?|audio)_?(19|20)?\d{0,2}$/i;
const TRAINED_ON = /^train(ing)?_?(19|20)?\d{0,2}$/i;
const VALIDATED_ON = /^(val|valid|validation|dev)_?(19|20)?\d{0,2}$/i;
const TESTED_ON = /^(test|testing|eval|evaluation)_?(19|20)?\d{0,2}$/i;

export interface FolderLayout<F> {
  /** What is calibrated with before what is evaluated on, each in the order of the paths. */
  readonly files: readonly F[];
  readonly name: string;
  readonly fields: Pick<SampleSource, 'labels' | 'classNames' | 'evaluationStart' | 'notes'>;
}

/** @param what the files are, for people: "images" */
export function layoutOfFolders<F extends { readonly path: string }>(
  files: readonly F[],
  what: string,
): FolderLayout<F> {
  const held = heldBack(files);
  const ordered = held ? [...files.filter((file) => !held.has(file)), ...held] : files;
  const folders = ordered.map(({ path }) => path.split('/').slice(0, -1));
  const names = classFolders(folders);
  const notes = held ? [`${files.length - held.size} ${what} in folders for training are calibrated with, ${held.size} in folders for tests are evaluated on.`] : []; // prettier-ignore
  return {
    files: ordered,
    name: commonFolder(folders) || (files.length === 1 ? files[0].path : `${files.length} ${what}`),
    fields: {
      ...(areClasses(names, folders, what) && labelsOfNames(names)),
      ...(held && { evaluationStart: files.length - held.size, notes }),
    },
  };
}

/**
 * Files in folders for tests, where all files lie in such or in folders for training; what is validated on stands in for
 * tests where there are none.
 */
function heldBack<F extends { readonly path: string }>(files: readonly F[]): ReadonlySet<F> | undefined {
  const within = (file: F, part: RegExp) =>
    file.path
      .split('/')
      .slice(0, -1)
      .some((name) => part.test(name));
  const tested = files.filter((file) => within(file, TESTED_ON));
  const validated = files.filter((file) => within(file, VALIDATED_ON));
  const trained = files.filter((file) => within(file, TRAINED_ON));
  const held = tested.length > 0 ? tested : validated;
  const isDivided = tested.length + validated.length + trained.length === files.length && held.length < files.length;
  return isDivided && held.length > 0 ? new Set(held) : undefined;
}

/** The innermost folder of each file that is not called like a part of a data set everywhere. */
function classFolders(folders: readonly (readonly string[])[]): string[] {
  const depth = Math.max(...folders.map((parts) => parts.length));
  for (let up = 1; up <= depth; up++) {
    const names = folders.map((parts) => parts.at(-up) ?? '');
    if (!names.every((name) => PART.test(name))) return names;
  }
  return folders.map(() => '');
}

/** A class is the name of the folder a file lies in, if there are several such folders and none lies within another. */
function areClasses(names: readonly string[], folders: readonly (readonly string[])[], what: string): boolean {
  if (new Set(names).size < 2) return false;
  const paths = new Set(folders.map((parts) => parts.join('/')));
  const outer = [...paths].filter((path) =>
    [...paths].some((other) => other.startsWith(path === '' ? '' : `${path}/`) && other !== path),
  );
  if (outer.length === 0) return true;
  throw new RangefinderError({
    code: 'invalid-data',
    message: `Some ${what} lie beside folders of ${what}, so it is not clear which folders are classes.`,
    where: outer[0] || 'the top folder',
    hint: `Move or remove them: a folder holds either ${what} of one class or folders.`,
    details: outer,
  });
}

function commonFolder(folders: readonly (readonly string[])[]): string {
  const [first] = folders;
  let length = first.length;
  for (const parts of folders) while (parts.slice(0, length).join('/') !== first.slice(0, length).join('/')) length--;
  return first.slice(0, length).join('/');
}
