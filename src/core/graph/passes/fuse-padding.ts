import type { Graph, TensorId } from '../graph';
import type { Op, Pair } from '../ops/attrs';
import { padLengths } from '../spatial';
import { Rewrite } from './rewrite';

const isConvolution = (op: Op | undefined): op is Op<'conv2d' | 'depthwiseConv2d'> =>
  op?.kind === 'conv2d' || op?.kind === 'depthwiseConv2d';

/**
 * Zeros that are put around an image for one convolution are that convolution's own padding, where SAME would put as many
 * on each side: `ZeroPadding2D` in front of a VALID convolution, as Keras' own models have it.
 *
 * @param graph validated
 */
export function fusePadding(graph: Graph): Graph {
  const rewrite = new Rewrite(graph);
  for (const pad of graph.ops) {
    if (pad.kind !== 'pad' || pad.attrs.value !== 0 || pad.activation !== 'none') continue;
    const conv = rewrite.onlyReader(pad.outputs[0]);
    if (!isConvolution(conv) || conv.attrs.padding !== 'valid' || conv.inputs[0] !== pad.outputs[0]) continue;
    const [source] = pad.inputs as [TensorId];
    const { shape } = rewrite.tensor(source);
    const kernel = rewrite.tensor(conv.inputs[1]!).shape.slice(1, 3);
    const { strides, dilations } = conv.attrs;
    const same = [0, 1].map((i) => padLengths(shape[i + 1], kernel[i], strides[i], dilations[i], 'same'));
    const none: Pair = [0, 0];
    if ([none, ...same, none].join() !== pad.attrs.paddings.join()) continue;
    rewrite.replace(pad);
    rewrite.replace(conv, {
      ...conv,
      attrs: { ...conv.attrs, padding: 'same' },
      inputs: [source, ...conv.inputs.slice(1)],
    } as Op);
  }
  return rewrite.done();
}
