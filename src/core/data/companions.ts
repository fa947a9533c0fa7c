/** What lies beside the samples and says something about them: boxes, labels, names of classes. */
import { RangefinderError } from '../../base/errors';
import { attachLabels, namedColumn } from './attach-labels';
import { cocoFolderBoxes, isJson, yoloBoxes } from './boxes';
import { isText, parseTable } from './openers/csv';
import type { SampleSource, SourceFile } from './types';
import type { LazyFile } from './zip';

/** Bytes a file is told by. */
const HEAD = 512;

const LABEL_FILE = /(^|[/_.\- ])(y|labels?|targets?)([_.\- ][^/]*)?$/i;

/** How files with the names of the classes are called: tfds, YOLO, model makers. */
const NAMES_FILE =
  /(^|[/_.\- ])(labels?|classes|class_?names|names|categories|obj)([_.\- ][^/]*)?\.(txt|names|labels)$|\.(names|labels)$/i;

/** Descriptions that data sets bring along and that nothing is missing without. */
const DESCRIPTION =
  /(^|\/)(readme|license|citation)[^/]*$|(dataset_infos?|features|info|metadata)\.json$|\.(ya?ml|md)$/i;

export interface Companions {
  readonly source: SampleSource;
  /** Files that are about the samples, or that nobody misses. */
  readonly used: ReadonlySet<LazyFile>;
}

/** A kind of companion; undefined where there is none. */
type Kind = (
  source: SampleSource,
  files: readonly LazyFile[],
) => { readonly source: SampleSource; readonly used: readonly LazyFile[] } | undefined;

const KINDS: readonly Kind[] = [boxes, labels, names];

/** The source with what the files beside its samples say of them. */
export function withCompanions(source: SampleSource, files: readonly LazyFile[]): Companions {
  const used = new Set(files.filter(({ path }) => DESCRIPTION.test(path) && !isYaml(path)));
  let described = source;
  for (const kind of KINDS) {
    const found = kind(
      described,
      files.filter((file) => !used.has(file)),
    );
    if (!found) continue;
    described = found.source;
    for (const file of found.used) used.add(file);
  }
  for (const file of files) if (isYaml(file.path)) used.add(file);
  return { source: described, used };
}

const isYaml = (path: string) => /\.ya?ml$/i.test(path);

const whole = (file: LazyFile): SourceFile => ({ path: file.path, bytes: file.bytes() });

function boxes(source: SampleSource, files: readonly LazyFile[]): ReturnType<Kind> {
  const json = files.filter((file) => isJson(file.head(HEAD)));
  const texts = source.sampleNames ? files.filter(({ path }) => /\.txt$/i.test(path)) : [];
  const found = cocoFolderBoxes(json.map(whole), source) ?? yoloBoxes(texts.map(whole), source);
  if (!found) return undefined;
  const paths = new Set(found.used.map(({ path }) => path));
  return { source: { ...source, ...found.fields }, used: files.filter(({ path }) => paths.has(path)) };
}

/** A table that names the samples, or one file that is called labels. */
function labels(source: SampleSource, files: readonly LazyFile[]): ReturnType<Kind> {
  if (source.labels || source.targets || source.boxes) return undefined;
  const tables = files.filter((file) => /\.(csv|tsv|txt)$/i.test(file.path) && isText(file.head(HEAD)));
  const naming = source.sampleNames && tables.filter((file) => namesSamples(file, source));
  if (naming?.length === 1) return { source: attachLabels(source, whole(naming[0])), used: naming };
  const called = files.filter(({ path }) => LABEL_FILE.test(path));
  if (called.length !== 1 || listsClasses(called[0], source)) return undefined;
  return { source: attachLabels(source, whole(called[0])), used: called };
}

function namesSamples(file: LazyFile, source: SampleSource): boolean {
  const first = new TextDecoder().decode(file.head(HEAD)).split('\n', 1)[0];
  // A list of names alone has no labels.
  if (!/[,;\t]/.test(first)) return false;
  try {
    return namedColumn(parseTable(file), source) !== undefined;
  } catch (error) {
    // A text that is no table is none of labels either.
    if (error instanceof RangefinderError) return false;
    throw error;
  }
}

/** Names of classes, one a line, in the order of the model's outputs. */
function names(source: SampleSource, files: readonly LazyFile[]): ReturnType<Kind> {
  const lists = files.flatMap((file) => {
    const list = classNamesIn(file);
    return list ? [{ file, list }] : [];
  });
  if (lists.length !== 1) return undefined;
  const [{ file, list }] = lists;
  const { labels, classNames, boxes } = source;
  if (boxes) {
    const categories = Math.max(boxes.categories, list.length);
    return { source: { ...source, classNames: list, boxes: { ...boxes, categories } }, used: [file] };
  }
  if (!labels || !classNames) return labels ? { source: { ...source, classNames: list }, used: [file] } : undefined;
  const ordered = inOrderOf(list, source);
  return ordered && { source: { ...ordered, notes: [...(source.notes ?? []), `Classes are numbered as in ${file.path}.`] }, used: [file] }; // prettier-ignore
}

const plain = (name: string) => name.trim().toLowerCase().replace(/^_+|_+$/g, '').replace(/[\s-]+/g, '_'); // prettier-ignore

/**
 * The same labels with the numbers that a list gives the classes; undefined where some class is not in the list, whatever its
 * capitals and underscores.
 */
export function inOrderOf(list: readonly string[], source: SampleSource): SampleSource | undefined {
  const { labels, classNames } = source;
  if (!labels || !classNames) return undefined;
  const place = new Map(list.map((name, i) => [plain(name), i]));
  const numbers = classNames.map((name) => place.get(plain(name)));
  if (numbers.includes(undefined)) return undefined;
  return { ...source, labels: labels.map((label) => (label < 0 ? label : numbers[label]!)), classNames: list };
}

function listsClasses(file: LazyFile, { size, classNames }: SampleSource): boolean {
  const list = classNamesIn(file);
  return list !== undefined && (classNames !== undefined || list.length !== size);
}

/** Lines of words, or the names in a description of YOLO's. */
function classNamesIn(file: LazyFile): string[] | undefined {
  if (!isText(file.head(HEAD))) return undefined;
  if (isYaml(file.path)) return namesInYaml(new TextDecoder().decode(file.bytes()));
  if (!NAMES_FILE.test(file.path)) return undefined;
  const lines = new TextDecoder().decode(file.bytes()).split(/\r?\n/).map((line) => line.trim()).filter(Boolean); // prettier-ignore
  // "0 background" as well as "background".
  const isNumbered = lines.every((line, i) => new RegExp(`^${i}[:,\\s]\\s*\\S`).test(line));
  const list = isNumbered ? lines.map((line) => line.replace(/^\d+[:,\s]\s*/, '')) : lines;
  return list.length > 0 && new Set(list).size === list.length && !list.every((line) => Number.isFinite(Number(line)))
    ? list
    : undefined;
}

/** names: [a, b], or a name a line behind dashes or numbers. */
function namesInYaml(text: string): string[] | undefined {
  const unquoted = (name: string) => name.trim().replace(/^(['"])(.*)\1$/, '$2');
  const inline = /^names:\s*\[([^\]]*)\]/m.exec(text);
  if (inline) return inline[1].split(',').map(unquoted).filter(Boolean);
  const block = /^names:[^\S\n]*\n((?:[^\S\n]*(?:-|\d+:)[^\n]*\n?)+)/m.exec(text);
  return block?.[1].split('\n').map((line) => unquoted(line.replace(/^\s*(-|\d+:)\s*/, ''))).filter(Boolean); // prettier-ignore
}
