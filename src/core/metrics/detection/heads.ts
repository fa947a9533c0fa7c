/**
 * How the raw outputs of common detectors become boxes. A row says by shapes, and where these leave it open by values,
 * whether it is about these outputs; the first that does is taken.
 */
import { mediaPipeAnchors, MEDIAPIPE_STRIDES, ssdAnchors, type Anchor } from './anchors';
import { suppressed, type Detection } from './boxes';

export interface HeadFacts {
  /** Of the outputs, without the batch. */
  readonly shapes: readonly (readonly number[])[];
  readonly input: { readonly height: number; readonly width: number };
  /** Categories that are marked. */
  readonly categories: number;
  /** Outputs of a few samples. */
  readonly probes: readonly (readonly Float32Array[])[];
}

export interface DetectionHead {
  readonly label: string;
  /** Outputs of one sample, in order; most certain first. */
  readonly detect: (outputs: readonly Float32Array[]) => Detection[];
}

/** What is less certain than this is no detection: as ultralytics validates. */
const LEAST_SCORE = 0.001;
const SSD_OVERLAP = 0.5;
const YOLO_OVERLAP = 0.7;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** [rows, columns] of a matrix among dimensions of 1; null for anything else. */
function matrixOf(shape: readonly number[]): readonly [number, number] | null {
  const dims = shape.filter((d, i) => d !== 1 || i === shape.length - 1);
  return dims.length === 2 ? [dims[0], dims[1]] : null;
}

/** Whether a probed value is no probability: then scores are logits. */
function areLogits(
  probes: HeadFacts['probes'],
  output: number,
  valueAt: (at: number) => boolean = () => true,
): boolean {
  return probes.some((outputs) => outputs[output].some((value, i) => valueAt(i) && (value < -1e-3 || value > 1.001)));
}

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly at: (values: Float32Array, row: number, column: number) => number;
}

/** One output with a box a row, or, as ultralytics writes them, a box a column. */
function boxMatrix({ shapes }: HeadFacts): Matrix | null {
  const matrix = shapes.length === 1 ? matrixOf(shapes[0]) : null;
  if (!matrix || Math.min(...matrix) < 5) return null;
  const [first, second] = matrix;
  const turned = first < second;
  return turned
    ? { rows: second, columns: first, at: (values, row, column) => values[column * second + row] }
    : { rows: first, columns: second, at: (values, row, column) => values[row * second + column] };
}

/** YOLO26 and other heads without suppression: x1, y1, x2, y2, score, class in a row. */
function endToEnd(facts: HeadFacts): DetectionHead | null {
  const matrix = facts.shapes.length === 1 ? matrixOf(facts.shapes[0]) : null;
  if (matrix?.[1] !== 6 || facts.probes.length === 0) return null;
  const [rows] = matrix;
  const isOne = facts.probes.every(([values]) => {
    for (let i = 0; i < rows; i++) {
      const [x1, y1, x2, y2, score, category] = values.subarray(6 * i, 6 * i + 6);
      if (score < LEAST_SCORE) continue;
      if (!Number.isInteger(category) || category < 0 || score > 1 || x2 < x1 || y2 < y1) return false;
    }
    return true;
  });
  if (!isOne) return null;
  const inPixels = facts.probes.some(([values]) => values.some((value, i) => i % 6 < 4 && value > 2));
  const [across, down] = inPixels ? [facts.input.width, facts.input.height] : [1, 1];
  return {
    label: 'boxes with score and class, no suppression left to do (YOLO26)',
    detect: ([values]) => {
      const found: Detection[] = [];
      for (let i = 0; i < rows; i++) {
        const [x1, y1, x2, y2, score, category] = values.subarray(6 * i, 6 * i + 6);
        if (score < LEAST_SCORE) continue;
        // A rounded class is the nearest one.
        found.push({ x: x1 / across, y: y1 / down, width: (x2 - x1) / across, height: (y2 - y1) / down, score, category: Math.round(category) }); // prettier-ignore
      }
      return found.sort((a, b) => b.score - a.score);
    },
  };
}

/** Centre, size, scores of classes: YOLOv8 and 11; with the certainty of being anything before them: YOLOv5 and 7. */
function yolo(facts: HeadFacts): DetectionHead | null {
  const matrix = boxMatrix(facts);
  if (!matrix) return null;
  const { rows, columns, at } = matrix;
  const withObjectness = hasObjectness(facts, rows, columns);
  const first = withObjectness ? 5 : 4;
  if (columns <= first) return null;
  const isTurned = matrixOf(facts.shapes[0])![0] === columns;
  const columnOf = (i: number) => (isTurned ? Math.floor(i / rows) : i % columns);
  const inPixels = facts.probes.some(([values]) => values.some((value, i) => columnOf(i) < 4 && value > 2));
  const [across, down] = inPixels ? [facts.input.width, facts.input.height] : [1, 1];
  const score = areLogits(facts.probes, 0, (i) => columnOf(i) >= 4) ? sigmoid : (value: number) => value;
  return {
    label: withObjectness ? 'boxes, objectness and classes (YOLOv5)' : 'boxes and classes (YOLOv8, YOLO11)',
    detect: ([values]) => {
      const found: Detection[] = [];
      for (let row = 0; row < rows; row++) {
        let [best, category] = [-Infinity, 0];
        for (let c = first; c < columns; c++) {
          const value = at(values, row, c);
          if (value > best) [best, category] = [value, c - first];
        }
        const certainty = score(best) * (withObjectness ? score(at(values, row, 4)) : 1);
        if (!(certainty >= LEAST_SCORE)) continue;
        const [width, height] = [at(values, row, 2) / across, at(values, row, 3) / down];
        const [x, y] = [at(values, row, 0) / across - width / 2, at(values, row, 1) / down - height / 2];
        found.push({ x, y, width, height, score: certainty, category });
      }
      return suppressed(found, YOLO_OVERLAP);
    },
  };
}

/** By the number of categories; where that fits neither, by three boxes for each place of the usual strides. */
function hasObjectness({ categories, input }: HeadFacts, rows: number, columns: number): boolean {
  if (categories > 0 && columns === 4 + categories) return false;
  if (categories > 0 && columns === 5 + categories) return true;
  const places = [8, 16, 32].reduce((sum, stride) => sum + Math.ceil(input.height / stride) * Math.ceil(input.width / stride), 0); // prettier-ignore
  return rows === 3 * places;
}

/** Offsets from anchors beside scores: SSD as TensorFlow trains it, and MediaPipe's. */
function anchored(facts: HeadFacts): DetectionHead | null {
  const matrices = facts.shapes.map(matrixOf);
  if (matrices.length !== 2) return null;
  const boxes = matrices.findIndex((matrix) => matrix && (matrix[1] === 4 || matrix[1] >= 12));
  const scores = 1 - boxes;
  const [rows, width] = matrices[boxes] ?? [0, 0];
  const columns = matrices[scores]?.[1] ?? (facts.shapes[scores]?.at(-1) === rows ? 1 : 0);
  if (boxes < 0 || rows < 2 || columns < 1 || facts.shapes[scores].reduce((n, d) => n * d, 1) !== rows * columns)
    return null;
  const { input } = facts;
  const ssd = ssdAnchors(input.height, input.width);
  const media = MEDIAPIPE_STRIDES.map((strides) => mediaPipeAnchors(input.height, input.width, strides)).find(
    ({ length }) => length === rows,
  );
  const isLogit = areLogits(facts.probes, scores);
  // Where there are more scores than categories, the first stands for the background.
  const background = columns > 1 && (facts.categories === 0 || columns > facts.categories) ? 1 : 0;
  const box =
    media && width >= 4 && (columns === 1 || ssd.length !== rows)
      ? (values: Float32Array, row: number) => fromUnitAnchor(values, row * width, media[row], input)
      : width === 4 && ssd.length === rows
        ? (values: Float32Array, row: number) => fromScaledAnchor(values, 4 * row, ssd[row])
        : width === 4
          ? fromCorners
          : null;
  if (!box) return null;
  const label = media ? 'offsets from MediaPipe’s anchors' : ssd.length === rows ? 'offsets from SSD’s anchors' : 'corners of boxes'; // prettier-ignore
  return {
    label: `${label}, and scores`,
    detect: (outputs) => {
      const found: Detection[] = [];
      for (let row = 0; row < rows; row++)
        for (let c = background; c < columns; c++) {
          const value = outputs[scores][row * columns + c];
          const score = isLogit ? sigmoid(value) : value;
          if (score >= LEAST_SCORE) found.push({ ...box(outputs[boxes], row), score, category: c - background });
        }
      return suppressed(found, SSD_OVERLAP);
    },
  };
}

/** Centre and size in pixels, the centre from the anchor's. */
function fromUnitAnchor(values: Float32Array, at: number, anchor: Anchor, input: HeadFacts['input']) {
  const [width, height] = [values[at + 2] / input.width, values[at + 3] / input.height];
  const [x, y] = [values[at] / input.width + anchor.x, values[at + 1] / input.height + anchor.y];
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** ty, tx, th, tw with the usual scales 10, 10, 5, 5. */
function fromScaledAnchor(values: Float32Array, at: number, anchor: Anchor) {
  const width = Math.exp(values[at + 3] / 5) * anchor.width;
  const height = Math.exp(values[at + 2] / 5) * anchor.height;
  const x = (values[at + 1] / 10) * anchor.width + anchor.x;
  const y = (values[at] / 10) * anchor.height + anchor.y;
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** ymin, xmin, ymax, xmax in shares of the image. */
function fromCorners(values: Float32Array, row: number) {
  const [top, left, bottom, right] = values.subarray(4 * row, 4 * row + 4);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Peaks of a heat map a category, with maps of size and of where within its place the centre lies. */
function centreNet(facts: HeadFacts): DetectionHead | null {
  const { shapes, probes } = facts;
  if (shapes.length !== 3 || shapes.some((shape) => shape.length !== 3)) return null;
  const [rows, columns] = shapes[0];
  if (shapes.some((shape) => shape[0] !== rows || shape[1] !== columns)) return null;
  const pairs = shapes.flatMap((shape, i) => (shape[2] === 2 ? [i] : []));
  const heat = pairs.length === 3 ? 0 : shapes.findIndex((_, i) => !pairs.includes(i));
  const others = pairs.filter((i) => i !== heat);
  if (others.length !== 2) return null;
  // Places within a cell are shares of it; sizes are larger.
  const largest = (output: number) => probes.reduce((most, outputs) => Math.max(most, outputs[output].reduce((a, b) => Math.max(a, b), 0)), 0); // prettier-ignore
  const [offset, size] = largest(others[0]) <= largest(others[1]) ? others : [others[1], others[0]];
  const [across, down] = largest(size) > 1.5 ? [columns, rows] : [1, 1];
  const categories = shapes[heat][2];
  const score = areLogits(probes, heat) ? sigmoid : (value: number) => value;
  return {
    label: 'peaks of heat maps, with size and offset (CenterNet)',
    detect: (outputs) => {
      const map = outputs[heat];
      const valueAt = (y: number, x: number, c: number) =>
        y < 0 || x < 0 || y >= rows || x >= columns ? -Infinity : map[(y * columns + x) * categories + c];
      const isPeak = (y: number, x: number, c: number) => {
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++) if (valueAt(y + dy, x + dx, c) > valueAt(y, x, c)) return false;
        return true;
      };
      const found: Detection[] = [];
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < columns; x++)
          for (let c = 0; c < categories; c++) {
            const certainty = score(valueAt(y, x, c));
            if (certainty < LEAST_SCORE || !isPeak(y, x, c)) continue;
            const at = 2 * (y * columns + x);
            const [width, height] = [outputs[size][at] / across, outputs[size][at + 1] / down];
            const centre = { x: (x + outputs[offset][at]) / columns, y: (y + outputs[offset][at + 1]) / rows };
            found.push({ x: centre.x - width / 2, y: centre.y - height / 2, width, height, score: certainty, category: c }); // prettier-ignore
          }
      return found.sort((a, b) => b.score - a.score).slice(0, 100);
    },
  };
}

const HEADS: readonly ((facts: HeadFacts) => DetectionHead | null)[] = [endToEnd, yolo, anchored, centreNet];

export function headOf(facts: HeadFacts): DetectionHead | null {
  for (const row of HEADS) {
    const head = row(facts);
    if (head) return head;
  }
  return null;
}
