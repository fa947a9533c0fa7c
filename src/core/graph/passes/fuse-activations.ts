import type { Graph } from '../graph';
import type { OpKind } from '../ops/attrs';
import { Rewrite } from './rewrite';

/** Ops whose TensorFlow Lite kernel applies an activation to its own output. */
const FUSING: ReadonlySet<OpKind> = new Set<OpKind>([
  'conv2d',
  'depthwiseConv2d',
  'transposeConv2d',
  'fullyConnected',
  'add',
  'sub',
  'mul',
  'div',
  'averagePool2d',
  'maxPool2d',
]);

/** Lets the op before apply a ReLU or ReLU6, when nothing else needs the values before it. */
export function fuseActivations(graph: Graph): Graph {
  const rewrite = new Rewrite(graph);
  for (const op of graph.ops) {
    if (op.kind !== 'relu' && op.kind !== 'relu6') continue;
    const x = op.inputs[0]!;
    const before = rewrite.writer(x);
    if (!before || !FUSING.has(before.kind) || before.activation !== 'none' || op.activation !== 'none') continue;
    if (rewrite.onlyReader(x) !== op) continue;
    rewrite.replace(op);
    rewrite.replace(before, { ...before, outputs: op.outputs, activation: op.kind });
  }
  return rewrite.done();
}
