import type { Graph } from '../graph';
import type { Op, Padding, Pair } from '../ops/attrs';
import { padLengths } from '../spatial';
import { Rewrite } from './rewrite';

const isConvolution = (op: Op | undefined): op is Op<'conv2d' | 'depthwiseConv2d'> =>
  op?.kind === 'conv2d' || op?.kind === 'depthwiseConv2d';

/** Padding of the dilated convolution: SAME where it comes to that, else explicit pads in front of a VALID one. */
function paddingFor(size: Pair, kernel: Pair, dilations: Pair, net: readonly Pair[]): Padding | readonly Pair[] {
  const same = net.every((pair, i) => pair.join() === padLengths(size[i], kernel[i], 1, dilations[i], 'same').join());
  if (same) return 'same';
  return net.every(([before, after]) => before === 0 && after === 0) ? 'valid' : net;
}

/** space-to-batch → convolution → batch-to-space, along one or both sides of an image. */
interface Dilation {
  readonly before: Op<'spaceToBatch'>;
  readonly conv: Op<'conv2d' | 'depthwiseConv2d'>;
  readonly after: Op<'batchToSpace'>;
  /** The reshapes that make images of a sequence, in front of the convolution and behind it. */
  readonly reshapes: readonly Op<'reshape'>[];
  readonly block: Pair;
  /** What is padded and not cropped again. */
  readonly net: readonly [Pair, Pair];
}

/** What surrounds a batch-to-space where it ends a dilated convolution; null where it does not. */
function dilationBefore(after: Op<'batchToSpace'>, rewrite: Rewrite): Dilation | null {
  const reshapes: Op<'reshape'>[] = [];
  /** The op that writes what `reader` reads and nothing else does, on this side of a reshape. */
  const writerBefore = (reader: Op): Op | undefined => {
    const id = reader.inputs[0]!;
    const writer = rewrite.onlyReader(id) === reader ? rewrite.writer(id) : undefined;
    if (writer?.kind !== 'reshape' || writer.activation !== 'none' || after.attrs.block.length !== 1) return writer;
    reshapes.push(writer);
    return writerBefore(writer);
  };
  const conv = writerBefore(after);
  if (!isConvolution(conv)) return null;
  const before = writerBefore(conv);
  if (before?.kind !== 'spaceToBatch') return null;
  const { block, paddings } = before.attrs;
  const plain =
    conv.attrs.padding === 'valid' && [...conv.attrs.strides, ...conv.attrs.dilations].every((n) => n === 1);
  const net = paddings.map(([top, bottom], i): Pair => [
    top - after.attrs.crops[i][0],
    bottom - after.attrs.crops[i][1],
  ]);
  if (!plain || block.join() !== after.attrs.block.join() || net.flat().some((n) => n < 0)) return null;
  if (block.length === 2 && reshapes.length === 0)
    return { before, conv, after, reshapes, block: [block[0], block[1]], net: [net[0], net[1]] };
  const side = block.length === 1 && reshapes.length === 2 ? sideOf(before, conv, after, rewrite) : null;
  if (side === null) return null;
  const none: Pair = [0, 0];
  const [rate, pads] = [block[0], net[0]];
  return side === 0
    ? { before, conv, after, reshapes, block: [rate, 1], net: [pads, none] }
    : { before, conv, after, reshapes, block: [1, rate], net: [none, pads] };
}

/** The side of the images, height 0 or width 1, along which the steps of a sequence lie; null where they are torn apart. */
function sideOf(before: Op, conv: Op, after: Op<'batchToSpace'>, rewrite: Rewrite): 0 | 1 | null {
  const liesAlong = (side: 0 | 1, image: readonly number[], [n, steps, channels]: readonly number[]) =>
    image.join() === (side === 0 ? [n, steps, 1, channels] : [n, 1, steps, channels]).join();
  const shapes = [conv.inputs[0]!, before.outputs[0], conv.outputs[0], after.inputs[0]!];
  const [image, sequence, result, results] = shapes.map((id) => rewrite.tensor(id).shape);
  const filter = rewrite.tensor(conv.inputs[1]!).shape;
  for (const side of [1, 0] as const)
    if (liesAlong(side, image, sequence) && liesAlong(side, result, results) && filter[2 - side] === 1) return side;
  return null;
}

/**
 * TensorFlow spells a dilated convolution as space-to-batch → convolution → batch-to-space: pixels that lie a block
 * apart become images of their own. Here the three become the one convolution they stand for, which leaves the batch
 * alone. Along a sequence, reshapes to images and back stand between them; these then stand around the convolution.
 *
 * @param graph validated
 */
export function fuseDilation(graph: Graph): Graph {
  if (!graph.ops.some(({ kind }) => kind === 'batchToSpace')) return graph;
  const rewrite = new Rewrite(graph);
  for (const op of graph.ops) {
    const dilation = op.kind === 'batchToSpace' && dilationBefore(op, rewrite);
    if (dilation) fuse(dilation, rewrite);
  }
  return rewrite.done();
}

function fuse({ before, conv, after, reshapes, block, net }: Dilation, rewrite: Rewrite): void {
  const source = rewrite.tensor(before.inputs[0]!);
  const image = reshapes.length === 0 ? source.shape : imageOf(source.shape, block);
  const kernel = rewrite.tensor(conv.inputs[1]!).shape.slice(1, 3) as unknown as Pair;
  const padding = paddingFor([image[1], image[2]], kernel, block, net);
  const ops: Op[] = [];
  let x = source.id;
  if (reshapes.length > 0) {
    x = rewrite.add(`${source.id}_image`, { ...source, shape: image });
    ops.push({ ...reshapes[1], attrs: { shape: image }, inputs: [source.id], outputs: [x] });
  }
  if (typeof padding !== 'string') {
    const pads: Pair[] = [[0, 0], ...net, [0, 0]];
    const shape = image.map((d, axis) => d + pads[axis][0] + pads[axis][1]);
    const padded = rewrite.add(`${source.id}_padded`, { ...source, shape });
    ops.push({ ...before, kind: 'pad', attrs: { paddings: pads, value: 0 }, inputs: [x], outputs: [padded] });
    x = padded;
  }
  const attrs = { ...conv.attrs, dilations: block, padding: typeof padding === 'string' ? padding : 'valid' };
  const fused = { ...conv, attrs, inputs: [x, ...conv.inputs.slice(1)] } as Op;
  const result = rewrite.tensor(after.outputs[0]);
  if (reshapes.length === 0) ops.push({ ...fused, outputs: after.outputs });
  else {
    const { id, ...rest } = rewrite.tensor(conv.outputs[0]);
    const y = rewrite.add(id, { ...rest, shape: imageOf(result.shape, block) });
    ops.push({ ...fused, outputs: [y] });
    ops.push({ ...reshapes[0], attrs: { shape: [...result.shape] }, inputs: [y], outputs: after.outputs });
  }
  rewrite.replace(after);
  for (const op of reshapes) rewrite.replace(op);
  rewrite.replace(before);
  rewrite.replace(conv, ...ops);
}

/** A sequence as an image of one row, or of one column where the steps lie along the height. */
function imageOf([n, steps, channels]: readonly number[], block: Pair): number[] {
  return block[0] > 1 ? [n, steps, 1, channels] : [n, 1, steps, channels];
}
