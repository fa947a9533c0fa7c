/** Which pictures of a folder are masks of others: by the folders they lie in, or by what their names add. */
import type { DistantFile } from './zip';

/** Folders called like this hold masks, where pictures of the same names lie elsewhere. */
const FOLDER =
  /^(masks?|annotations?|labels?|annots?|ann_?dir|segmentations?|segmentation_?class\w*|gt|ground_?truth|gtfine|seg|trimaps?|mask_?images?)$/i;
const SUFFIX = /[_.-](masks?|seg|segmentation|labels?|gt|label_?ids|labeltrainids|l)$/i;

export interface PairedImages<F> {
  readonly images: readonly F[];
  /** Of an image; one without is not among these. */
  readonly maskOf: ReadonlyMap<F, F>;
}

/** The pictures and their masks; null where no picture is the mask of another. */
export function pairMasks<F extends Pick<DistantFile, 'path'>>(files: readonly F[]): PairedImages<F> | null {
  const isOfMasks = (name: string, depth: number) => FOLDER.test(name) && !isCommon(files, name, depth);
  const masks = files.filter(({ path }) => isPng(path) && path.split('/').slice(0, -1).some(isOfMasks));
  const found = masks.length > 0 ? paired(files, new Set(masks), stemOf) : null;
  if (found) return found;
  const suffixed = files.filter(({ path }) => isPng(path) && SUFFIX.test(stemOf(path)));
  if (suffixed.length > 0) return paired(files, new Set(suffixed), (path) => stemOf(path).replace(SUFFIX, ''));
  // A PNG beside a photograph of the same name.
  const photographs = new Set(files.filter(({ path }) => !isPng(path)).map(({ path }) => withoutExtension(path)));
  const beside = files.filter(({ path }) => isPng(path) && photographs.has(withoutExtension(path)));
  return beside.length > 0 ? paired(files, new Set(beside), stemOf) : null;
}

/** Whether all files lie in this folder. */
function isCommon(files: readonly { readonly path: string }[], name: string, depth: number): boolean {
  return files.every(({ path }) => path.split('/')[depth] === name);
}

const isPng = (path: string) => /\.png$/i.test(path);
const withoutExtension = (path: string) => path.replace(/\.[^./]*$/, '');
const stemOf = (path: string) => withoutExtension(path.slice(path.lastIndexOf('/') + 1));

/**
 * Images and masks of one name, among several those that share the most folders, as of training and of validation. A mask
 * may have a suffix besides its image's name; null where less than half of the masks have an image.
 */
function paired<F extends { readonly path: string }>(
  files: readonly F[],
  masks: ReadonlySet<F>,
  nameOf: (path: string) => string,
): PairedImages<F> | null {
  const byName = new Map<string, F[]>();
  for (const mask of masks) {
    const names = new Set([nameOf(mask.path), stemOf(mask.path).replace(SUFFIX, '')]);
    for (const name of names) byName.set(name, [...(byName.get(name) ?? []), mask]);
  }
  const images = files.filter((file) => !masks.has(file));
  const maskOf = new Map<F, F>();
  for (const image of images) {
    const candidates =
      byName.get(stemOf(image.path)) ?? byName.get(stemOf(image.path).replace(/[_.-]?leftImg8bit$/, ''));
    const best = candidates?.reduce((a, b) => (shared(b, image) > shared(a, image) ? b : a));
    if (best) maskOf.set(image, best);
  }
  return 2 * new Set(maskOf.values()).size > masks.size ? { images, maskOf } : null;
}

/** Folders of one that are folders of the other, too. */
function shared(a: { readonly path: string }, b: { readonly path: string }): number {
  const folders = new Set(b.path.split('/').slice(0, -1));
  return a.path.split('/').slice(0, -1).filter((name) => folders.has(name)).length; // prettier-ignore
}
