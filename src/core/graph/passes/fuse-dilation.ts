import type { Graph, TensorId } from '../graph';
import type { Op, Padding, Pair } from '../ops/attrs';
import { padLengths } from '../spatial';
import { Rewrite } from './rewrite';

const isConvolution = (op: Op | undefined): op is Op<'conv2d' | 'depthwiseConv2d'> =>
  op?.kind === 'conv2d' || op?.kind === 'depthwiseConv2d';

/** Padding of the dilated convolution: SAME where it comes to that, else explicit pads in front of a VALID one. */
function paddingFor(size: Pair, kernel: Pair, dilations: Pair, net: readonly Pair[]): Padding | readonly Pair[] {
  const same = net.every(
    (pair, i) => pair.join() === padLengths(size[i]!, kernel[i]!, 1, dilations[i]!, 'same').join(),
  );
  if (same) return 'same';
  return net.every(([before, after]) => before === 0 && after === 0) ? 'valid' : net;
}

/**
 * Older TensorFlow spells a dilated convolution as space-to-batch → convolution → batch-to-space: pixels that lie a block
 * apart become images of their own. Here the three become the one convolution they stand for, which leaves the batch alone.
 *
 * @param graph validated
 */
export function fuseDilation(graph: Graph): Graph {
  if (!graph.ops.some(({ kind }) => kind === 'batchToSpace')) return graph;
  const rewrite = new Rewrite(graph);
  for (const after of graph.ops) {
    if (after.kind !== 'batchToSpace') continue;
    const conv = rewrite.writer(after.inputs[0]!);
    if (!isConvolution(conv) || rewrite.onlyReader(after.inputs[0]!) !== after) continue;
    const before = rewrite.writer(conv.inputs[0]!);
    if (before?.kind !== 'spaceToBatch' || rewrite.onlyReader(conv.inputs[0]!) !== conv) continue;
    const { block, paddings } = before.attrs;
    const plain =
      conv.attrs.padding === 'valid' && [...conv.attrs.strides, ...conv.attrs.dilations].every((n) => n === 1);
    const net = paddings.map(([top, bottom], i): Pair => [
      top - after.attrs.crops[i]![0],
      bottom - after.attrs.crops[i]![1],
    ]);
    if (!plain || block.length !== 2 || block.join() !== after.attrs.block.join() || net.flat().some((n) => n < 0))
      continue;

    const [source] = before.inputs as [TensorId];
    const x = rewrite.tensor(source);
    const kernel = rewrite.tensor(conv.inputs[1]!).shape.slice(1, 3) as unknown as Pair;
    const dilations: Pair = [block[0]!, block[1]!];
    const padding = paddingFor([x.shape[1]!, x.shape[2]!], kernel, dilations, net);
    const attrs = { ...conv.attrs, dilations, padding: typeof padding === 'string' ? padding : 'valid' };
    rewrite.replace(after);
    if (typeof padding === 'string') {
      rewrite.replace(before);
      rewrite.replace(conv, {
        ...conv,
        attrs,
        inputs: [source, ...conv.inputs.slice(1)],
        outputs: after.outputs,
      } as Op);
      continue;
    }
    const pads: Pair[] = [[0, 0], ...net, [0, 0]];
    const shape = x.shape.map((d, axis) => d + pads[axis]![0] + pads[axis]![1]);
    const padded = rewrite.add(`${source}_padded`, { ...x, shape });
    rewrite.replace(before, { ...before, kind: 'pad', attrs: { paddings: pads, value: 0 }, outputs: [padded] });
    rewrite.replace(conv, { ...conv, attrs, inputs: [padded, ...conv.inputs.slice(1)], outputs: after.outputs } as Op);
  }
  return rewrite.done();
}
