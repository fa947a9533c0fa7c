/** Seeded noise for a model that has no data: enough to see a quantized file run, not to judge its accuracy. */
import { tensorOf, type Graph } from '../graph/graph';
import { guessValueRange } from './guess';
import { imageShape, modelInputShape } from './model-input';
import { Random } from '../../base/random';
import { compileResize } from './resize';
import type { RawSample, SampleSource } from './types';

export interface RandomSource extends SampleSource {
  /** What the values are, as a sentence. */
  readonly reason: string;
}

/** Images: cells of noise this many to a side, because activations of natural images are smooth. */
const CELLS = 6;

/**
 * `size` samples of the model's input shape, each the same for its seed and index whichever is read first. Image inputs get
 * smooth blobs with a little grain over the range the model seems trained on; others standard normal values.
 */
export function randomSource(graph: Graph, size: number, seed: number): RandomSource {
  const shape = modelInputShape(graph);
  const image = imageShape(shape);
  const range = guessValueRange(graph);
  const length = shape.reduce((n, d) => n * d, 1);
  const rows = rowsPicked(graph);
  const draw = (random: Random) =>
    image
      ? blobs(image, range.low, range.high, random)
      : Float32Array.from({ length }, () => (rows === null ? random.gaussian() : random.integer(rows)));
  return {
    name: `random samples, seed ${seed}`,
    kind: 'array',
    size,
    endless: true,
    reason: image
      ? `Smooth noise in ${range.low}..${range.high}. ${range.reason}`
      : rows === null
        ? 'Normally distributed noise, mean 0, deviation 1.'
        : `Whole numbers below ${rows}, the rows of the table they pick from.`,
    read: async (index): Promise<RawSample> => ({ shape, values: draw(new Random(seed, index)) }),
  };
}

/** How many rows the smallest table has that inputs pick from, as words pick their embedding; null where none does. */
function rowsPicked(graph: Graph): number | null {
  const whole = new Set(graph.inputs.filter((id) => tensorOf(graph, id).dtype === 'int32'));
  let rows = Infinity;
  for (const op of graph.ops) {
    const index = op.kind === 'gather' ? op.inputs[1] : null;
    if (op.kind === 'gather' && index && whole.has(index))
      rows = Math.min(rows, tensorOf(graph, op.inputs[0]!).shape[op.attrs.axis]);
  }
  return Number.isFinite(rows) ? rows : null;
}

function blobs(
  { height, width, channels }: { height: number; width: number; channels: number },
  low: number,
  high: number,
  random: Random,
): Float32Array {
  const cells = Float32Array.from({ length: CELLS * CELLS * channels }, () => random.uniform());
  const enlarge = compileResize(CELLS, CELLS, channels, {
    kind: 'resize',
    height,
    width,
    method: 'bilinear',
    fit: 'stretch',
  });
  return enlarge(cells).map((value) => low + (high - low) * (0.9 * value + 0.1 * random.uniform()));
}
