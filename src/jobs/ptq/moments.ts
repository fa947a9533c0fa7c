/** Second moments of the patches a layer sees, from activations kept batch by batch. */
import type { PatchShape } from '../../core/algorithms/patches';
import type { Moments } from '../../core/algorithms/rounding';
import { Random } from '../../base/random';
import { transposedProduct } from '../../engine/tfjs/linear-algebra';
import type { Values } from '../session/layer-walk';

/** Patches that are looked at: many for each column, or the moments would be noise. */
const FEWEST_PATCHES = 8192;
const PATCHES_PER_COLUMN = 16;

/** Which positions of each sample are looked at: all, or a seeded choice. */
function positionsOf({ positions, columns }: PatchShape, samples: number): () => Uint32Array {
  const wanted = Math.ceil(Math.max(FEWEST_PATCHES, PATCHES_PER_COLUMN * columns) / samples);
  const all = Uint32Array.from({ length: positions }, (_, i) => i);
  if (wanted >= positions) return () => all;
  const random = new Random(positions, columns);
  return () => {
    for (let i = 0; i < wanted; i++) {
      const j = i + random.integer(positions - i);
      [all[i], all[j]] = [all[j], all[i]];
    }
    return all.slice(0, wanted);
  };
}

/** out += aᵀ·b for each group of [groups, rows, columns]. */
function accumulate(out: Float64Array, a: Float32Array, b: Float32Array, groups: number, columns: number): void {
  const rows = a.length / groups / columns;
  if (groups === 1) {
    const product = transposedProduct(a, b, rows);
    for (let i = 0; i < out.length; i++) out[i] += product[i];
    return;
  }
  for (let g = 0; g < groups; g++)
    for (let r = 0; r < rows; r++) {
      const from = (g * rows + r) * columns;
      for (let i = 0; i < columns; i++) {
        const factor = a[from + i];
        if (factor === 0) continue;
        const to = (g * columns + i) * columns;
        for (let j = 0; j < columns; j++) out[to + j] += factor * b[from + j];
      }
    }
}

/**
 * @param x the layer's input in float, @param seen the same in the quantized model; both [sample, …] batch by batch
 * @param step awaited after each batch
 */
export async function momentsOf(
  patches: PatchShape,
  x: Values,
  seen: Values,
  sizes: readonly number[],
  step: () => Promise<void>,
): Promise<Moments> {
  const { groups, columns } = patches;
  const size = groups * columns * columns;
  const same = x === seen;
  const [gram, cross, float] = [0, 1, 2].map(() => new Float64Array(size));
  const draw = positionsOf(
    patches,
    sizes.reduce((a, b) => a + b, 0),
  );
  let count = 0;
  for (const [b, samples] of sizes.entries()) {
    const each = x[b].length / samples;
    const chosen = Array.from({ length: samples }, draw);
    const gathered = (values: Float32Array): Float32Array[] => {
      // Groups lie apart, so their patches are summed sample by sample; one group takes the whole batch at once.
      const perSample = chosen.map((at, i) => {
        const to = new Float32Array(groups * at.length * columns);
        patches.gather(values.subarray(i * each, (i + 1) * each), at, to);
        return to;
      });
      if (groups > 1) return perSample;
      const whole = new Float32Array(perSample.reduce((n, part) => n + part.length, 0));
      let to = 0;
      for (const part of perSample) {
        whole.set(part, to);
        to += part.length;
      }
      return [whole];
    };
    const ours = gathered(seen[b]);
    const theirs = same ? ours : gathered(x[b]);
    ours.forEach((part, i) => {
      accumulate(gram, part, part, groups, columns);
      if (same) return;
      accumulate(cross, theirs[i], part, groups, columns);
      accumulate(float, theirs[i], theirs[i], groups, columns);
    });
    count += chosen.reduce((n, at) => n + at.length, 0);
    await step();
  }
  const mean = (sums: Float64Array) => Float32Array.from(sums, (sum) => sum / count);
  const own = mean(gram);
  return { groups, columns, gram: own, cross: same ? own : mean(cross), float: same ? own : mean(float) };
}
