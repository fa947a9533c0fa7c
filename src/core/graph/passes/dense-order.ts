import { elementCount, type Graph } from '../graph';
import type { Op } from '../ops/attrs';
import { permutedData, permutedShape } from '../permute';
import { UNARY } from './layout/rules';
import { Rewrite } from './rewrite';

/** The dense layer whose values, perhaps activated, are `id`, where nothing else reads anything in between. */
function denseBefore(id: string, reader: Op, rewrite: Rewrite): Op<'fullyConnected'> | null {
  let [at, by] = [id, reader];
  for (;;) {
    const op = rewrite.writer(at);
    if (!op || rewrite.onlyReader(at) !== by) return null;
    if (op.kind === 'fullyConnected') return op;
    if (!UNARY.has(op.kind)) return null;
    [at, by] = [op.inputs[0]!, op];
  }
}

/**
 * Where the vector of a dense layer becomes an image whose dimensions are then moved, lets the layer compute the values
 * in the wanted order: its weights and bias are sorted, and the transpose falls away. What decoders start with.
 *
 * @param graph validated
 */
export function denseOrder(graph: Graph): Graph {
  const rewrite = new Rewrite(graph);
  for (const op of graph.ops) {
    if (op.kind !== 'transpose' || op.attrs.permutation[0] !== 0 || op.activation !== 'none') continue;
    const image = op.inputs[0]!;
    const reshape = rewrite.writer(image);
    if (reshape?.kind !== 'reshape' || rewrite.onlyReader(image) !== op) continue;
    const dense = denseBefore(reshape.inputs[0]!, reshape, rewrite);
    if (!dense) continue;
    const [weightsId, biasId] = [dense.inputs[1]!, dense.inputs[2] ?? null];
    const weights = rewrite.tensor(weightsId);
    const bias = biasId === null ? null : rewrite.tensor(biasId);
    const { shape } = rewrite.tensor(image);
    const [units, inputs] = weights.shape;
    const vectors = rewrite.tensor(dense.outputs[0]).shape;
    const fits = vectors.length === 2 && vectors[0] === shape[0] && elementCount(shape.slice(1)) === units;
    const floats = weights.data instanceof Float32Array && (!bias || bias.data instanceof Float32Array);
    if (!fits || !floats) continue;

    const positions = Int32Array.from({ length: units }, (_, i) => i);
    const sample = op.attrs.permutation.slice(1).map((axis) => axis - 1);
    const order = permutedData(positions, shape.slice(1), sample);
    const sorted = new Float32Array(units * inputs);
    order.forEach((unit, to) =>
      sorted.set((weights.data as Float32Array).subarray(unit * inputs, (unit + 1) * inputs), to * inputs),
    );
    const sortedBias = bias && Float32Array.from(order, (unit) => (bias.data as Float32Array)[unit]);
    rewrite.replace(dense, {
      ...dense,
      inputs: [
        dense.inputs[0],
        rewrite.changed(weightsId, sorted),
        biasId === null ? null : rewrite.changed(biasId, sortedBias!),
      ],
    });
    rewrite.replace(reshape);
    rewrite.replace(op, {
      ...reshape,
      attrs: { shape: permutedShape(shape, op.attrs.permutation) },
      outputs: op.outputs,
    });
  }
  return rewrite.done();
}
