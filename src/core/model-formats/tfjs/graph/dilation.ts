/**
 * TensorFlow 1 spelled a dilated convolution as SpaceToBatchND → convolution → BatchToSpaceND: pixels that lie a dilation
 * apart are gathered into images of their own. Here the three become the one convolution they stand for.
 */
import type { GraphNode } from './node';

const CONVOLUTIONS: ReadonlySet<string> = new Set([
  ...['Conv2D', '_FusedConv2D', 'DepthwiseConv2d', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2dNative'],
]);

/** @param intsOf values of a constant node; undefined for any other. */
export function dilate(
  nodes: ReadonlyMap<string, GraphNode>,
  intsOf: (name: string) => readonly number[] | undefined,
): ReadonlyMap<string, GraphNode> {
  const result = new Map(nodes);
  const readers = new Map<string, number>();
  for (const { inputs } of nodes.values())
    for (const { node } of inputs) readers.set(node, (readers.get(node) ?? 0) + 1);
  const only = (name: string | undefined) =>
    name !== undefined && readers.get(name) === 1 ? nodes.get(name) : undefined;
  const constant = (node: GraphNode, index: number) => {
    const input = node.inputs[index];
    return input && intsOf(input.node);
  };

  for (const after of nodes.values()) {
    if (after.op !== 'BatchToSpaceND') continue;
    const convolution = only(after.inputs[0]?.node);
    if (!convolution || !CONVOLUTIONS.has(convolution.op) || convolution.padding() !== 'valid') continue;
    const before = only(convolution.inputs[0]?.node);
    if (before?.op !== 'SpaceToBatchND') continue;
    const [block, pads, crops] = [constant(before, 1), constant(before, 2), constant(after, 2)];
    if (block?.length !== 2 || pads?.length !== 4 || crops?.length !== 4) continue;
    const net = pads.map((pad, i) => pad - crops[i]);
    if (constant(after, 1)?.join() !== block.join() || net.some((pad) => pad < 0)) continue;
    const [x] = before.inputs;
    const inputs = convolution.inputs.map(({ node, output }) => `${node}:${output}`);
    result.set(
      convolution.name,
      convolution.changed({
        input: [`${x.node}:${x.output}`, ...inputs.slice(1)],
        attr: {
          dilations: { list: { i: [1, ...block, 1] } },
          padding: { s: btoa('EXPLICIT') },
          explicit_paddings: { list: { i: [0, 0, ...net, 0, 0] } },
        },
      }),
    );
    result.set(after.name, after.changed({ op: 'Identity', input: [convolution.name] }));
    result.delete(before.name);
  }
  return result;
}
