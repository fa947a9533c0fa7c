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
  const { images, annotations, categories } = parsed(file);
  const ordered = [...categories].sort((a, b) => a.id - b.id);
  const categoryOf = new Map(ordered.map(({ id }, i) => [id, i]));
  const imageOf = new Map(images.map((image) => [image.id, image]));
  const boxesOf = new Map<number, MarkedBox[]>(images.map(({ id }) => [id, []]));
  for (const { image_id: id, category_id: category, bbox, iscrowd } of annotations) {
    const image = imageOf.get(id);
    const index = categoryOf.get(category);
    if (!image || index === undefined) throw invalid(file.path, `An annotation is of image ${id} and category ${category}, which the file does not list.`); // prettier-ignore
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
  const ids = sampleNames ? idsByName(file, images, sampleNames) : idsInOrder(file, images, size);
  return {
    boxes: { categories: ordered.length, of: (index) => boxesOf.get(ids[index] ?? NaN) ?? [] },
    classNames: ordered.map(({ name }, i) => name ?? String(i)),
  };
}

type CocoImages = z.infer<typeof cocoSchema>['images'];

function parsed(file: SourceFile): z.infer<typeof cocoSchema> {
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

function idsByName({ path }: SourceFile, images: CocoImages, names: readonly string[]): (number | undefined)[] {
  const known = new Map(images.map(({ id, file_name: name }) => [baseName(name ?? ''), id]));
  const ids = names.map((name) => known.get(baseName(name)));
  if (ids.every((id) => id === undefined)) throw invalid(path, 'None of the images has boxes in this file.');
  return ids;
}

function idsInOrder({ path }: SourceFile, images: CocoImages, size: number): number[] {
  if (images.length !== size) throw invalid(path, `There are ${size} samples and ${images.length} images with boxes.`);
  return images.map(({ id }) => id).sort((a, b) => a - b);
}

/**
 * One file an image, of the same name: a line "category x y width height" a box, the centre and the size in shares of the
 * image. Images without a file show nothing. Undefined where the files are something else.
 */
export function yoloBoxes(files: readonly SourceFile[], { sampleNames }: SampleSource): BoxFields | undefined {
  if (!sampleNames || files.length === 0) return undefined;
  const stem = (path: string) => baseName(path).replace(/\.[^.]*$/, '');
  const known = new Map(sampleNames.map((name, i) => [stem(name), i]));
  const boxes = new Map<number, MarkedBox[]>();
  for (const file of files) {
    const sample = known.get(stem(file.path));
    if (sample === undefined) continue;
    const rows = linesOf(file);
    if (!rows) return undefined;
    boxes.set(sample, rows);
  }
  if (boxes.size === 0) return undefined;
  const categories = 1 + Math.max(0, ...[...boxes.values()].flat().map(({ category }) => category));
  return { boxes: { categories, of: (index) => boxes.get(index) ?? [] } };
}

function linesOf({ bytes }: SourceFile): MarkedBox[] | null {
  const rows: MarkedBox[] = [];
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    if (line.trim() === '') continue;
    const [category, x, y, width, height, ...more] = line.trim().split(/\s+/).map(Number);
    const values = [x, y, width, height];
    if (more.length > 0 || !Number.isInteger(category) || category < 0) return null;
    if (!values.every((value) => value >= 0 && value <= 1)) return null;
    rows.push({ x: x - width / 2, y: y - height / 2, width, height, category });
  }
  return rows;
}
