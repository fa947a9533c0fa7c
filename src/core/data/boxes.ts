/** Boxes that people marked: COCO's JSON, or a text file an image as YOLO has it. */
import { z } from '../../base/zod';
import { RangefinderError } from '../../base/errors';
import type { MarkedBox } from '../metrics/collector';
import type { SampleSource, SourceFile } from './types';

type BoxFields = Required<Pick<SampleSource, 'boxes'>> & Pick<SampleSource, 'classNames'>;

const cocoSchema = z.object({
  images: z.array(
    z.object({
      id: z.number(),
      file_name: z.string().optional(),
      width: z.number().positive(),
      height: z.number().positive(),
    }),
  ),
  annotations: z.array(
    z.object({
      image_id: z.number(),
      category_id: z.number(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      iscrowd: z.union([z.number(), z.boolean()]).optional(),
    }),
  ),
  categories: z.array(z.object({ id: z.number(), name: z.string().optional() })),
});

/** Whether a file begins as JSON with an object does. */
export function isJson(head: Uint8Array): boolean {
  return /^\s*\{/.test(new TextDecoder().decode(head.subarray(0, 64)));
}

/**
 * Categories are numbered in the order of their ids, as models number their classes. Images are found by file name; samples
 * without names, arrays, are those of the file in the order of their ids.
 * @throws RangefinderError 'invalid-data' where the file is none of COCO's, or is about other images
 */
export function cocoBoxes(file: SourceFile, { size, sampleNames }: SampleSource): BoxFields {
  return boxesOfCoco(parsed(file), file.path, { size, sampleNames });
}

/**
 * The boxes of COCO's files among others, such as those of instances_train2017.json and of instances_val2017.json together;
 * undefined where none of them has boxes of these images.
 */
export function cocoFolderBoxes(
  files: readonly SourceFile[],
  { size, sampleNames }: SampleSource,
): { readonly fields: BoxFields; readonly used: readonly SourceFile[] } | undefined {
  const found = files.flatMap((file) => {
    const content = cocoSchema.safeParse(jsonOf(file));
    return content.success ? [{ file, content: content.data }] : [];
  });
  const parts = sampleNames
    ? found.filter(({ content }) => isAboutSome(content.images, sampleNames))
    : found.slice(0, 1);
  if (parts.length === 0) return undefined;
  const all = parts.map(({ content }) => content);
  const merged = all.length === 1 ? all[0] : joined(all);
  return {
    fields: boxesOfCoco(merged, parts[0].file.path, { size, sampleNames }),
    used: parts.map(({ file }) => file),
  };
}

type Coco = z.infer<typeof cocoSchema>;

function isAboutSome(images: Coco['images'], names: readonly string[]): boolean {
  const known = new Set(names.map(baseName));
  return images.some(({ file_name: name }) => name !== undefined && known.has(baseName(name)));
}

/** Images of several files may have the same ids: they are numbered anew. */
function joined(parts: readonly Coco[]): Coco {
  const categories = new Map(parts.flatMap((part) => part.categories.map((category) => [category.id, category])));
  const images: Coco['images'] = [];
  const annotations: Coco['annotations'] = [];
  for (const part of parts) {
    const first = images.length;
    const idOf = new Map(part.images.map(({ id }, i) => [id, first + i]));
    images.push(...part.images.map((image, i) => ({ ...image, id: first + i })));
    for (const annotation of part.annotations)
      annotations.push({ ...annotation, image_id: idOf.get(annotation.image_id) ?? -1 });
  }
  return { images, annotations, categories: [...categories.values()] };
}

function boxesOfCoco(
  { images, annotations, categories }: Coco,
  where: string,
  { size, sampleNames }: Pick<SampleSource, 'size' | 'sampleNames'>,
): BoxFields {
  const ordered = [...categories].sort((a, b) => a.id - b.id);
  const categoryOf = new Map(ordered.map(({ id }, i) => [id, i]));
  const imageOf = new Map(images.map((image) => [image.id, image]));
  const boxesOf = new Map<number, MarkedBox[]>(images.map(({ id }) => [id, []]));
  for (const { image_id: id, category_id: category, bbox, iscrowd } of annotations) {
    const image = imageOf.get(id);
    const index = categoryOf.get(category);
    if (!image || index === undefined) throw invalid(where, `An annotation is of image ${id} and category ${category}, which the file does not list.`); // prettier-ignore
    const [x, y, width, height] = bbox;
    boxesOf.get(id)!.push({
      x: x / image.width,
      y: y / image.height,
      width: width / image.width,
      height: height / image.height,
      category: index,
      ...(iscrowd && { crowd: true }),
    });
  }
  const ids = sampleNames ? idsByName(where, images, sampleNames) : idsInOrder(where, images, size);
  return {
    boxes: { categories: ordered.length, of: (index) => boxesOf.get(ids[index] ?? NaN) ?? [] },
    classNames: ordered.map(({ name }, i) => name ?? String(i)),
  };
}

function jsonOf({ bytes }: SourceFile): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function parsed(file: SourceFile): Coco {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(file.bytes));
  } catch (cause) {
    throw invalid(file.path, 'The file is no JSON.', cause);
  }
  const result = cocoSchema.safeParse(content);
  if (!result.success) throw invalid(file.path, `The file is not as COCO's are: ${z.prettifyError(result.error)}`);
  return result.data;
}

function invalid(where: string, message: string, cause?: unknown): RangefinderError {
  const hint = 'Boxes can be COCO’s JSON (images, annotations, categories) or YOLO’s text files beside the images.';
  return new RangefinderError({ code: 'invalid-data', message, where, hint }, { cause });
}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

function idsByName(where: string, images: Coco['images'], names: readonly string[]): (number | undefined)[] {
  const known = new Map(images.map(({ id, file_name: name }) => [baseName(name ?? ''), id]));
  const ids = names.map((name) => known.get(baseName(name)));
  if (ids.every((id) => id === undefined)) throw invalid(where, 'None of the images has boxes in this file.');
  return ids;
}

function idsInOrder(where: string, images: Coco['images'], size: number): number[] {
  if (images.length !== size) throw invalid(where, `There are ${size} samples and ${images.length} images with boxes.`);
  return images.map(({ id }) => id).sort((a, b) => a - b);
}

/**
 * One file an image, of the same name: a line "category x y width height" a box, the centre and the size in shares of the
 * image, or the corners of an outline, of which the box is taken. Images without a file show nothing. Undefined where the
 * files are something else.
 */
export function yoloBoxes(
  files: readonly SourceFile[],
  { sampleNames }: SampleSource,
): { readonly fields: BoxFields; readonly used: readonly SourceFile[] } | undefined {
  if (!sampleNames || files.length === 0) return undefined;
  const known = new Map(sampleNames.flatMap((name, i) => [[stem(name), i] as const, [besideLabels(name), i] as const]));
  const boxes = new Map<number, MarkedBox[]>();
  const used: SourceFile[] = [];
  for (const file of files) {
    const sample = known.get(besideLabels(file.path)) ?? known.get(stem(file.path));
    if (sample === undefined) continue;
    const rows = linesOf(file);
    if (!rows) return undefined;
    boxes.set(sample, rows);
    used.push(file);
  }
  if (boxes.size === 0) return undefined;
  const categories = 1 + Math.max(0, ...[...boxes.values()].flat().map(({ category }) => category));
  return { fields: { boxes: { categories, of: (index) => boxes.get(index) ?? [] } }, used };
}

const stem = (path: string) => baseName(path).replace(/\.[^.]*$/, '');

/** The path of a picture and of its text alike: images/train/a.jpg and labels/train/a.txt. */
function besideLabels(path: string): string {
  return `/${path}`.replace(/\/(images|labels)(?=\/)/g, '/*').replace(/\.[^./]*$/, '');
}

function linesOf({ bytes }: SourceFile): MarkedBox[] | null {
  const rows: MarkedBox[] = [];
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    if (line.trim() === '') continue;
    const [category, ...values] = line.trim().split(/\s+/).map(Number);
    if (!Number.isInteger(category) || category < 0) return null;
    if (!values.every((value) => value >= 0 && value <= 1)) return null;
    if (values.length === 4) {
      const [x, y, width, height] = values;
      rows.push({ x: x - width / 2, y: y - height / 2, width, height, category });
    } else if (values.length >= 6 && values.length % 2 === 0) rows.push({ ...outlined(values), category });
    else return null;
  }
  return rows;
}

/** The box around corners x, y, x, y, … */
function outlined(corners: readonly number[]) {
  const [xs, ys] = [0, 1].map((axis) => corners.filter((_, i) => i % 2 === axis));
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
