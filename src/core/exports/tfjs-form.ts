import { isOpaque } from '../graph/partition';
import { unrollRecurrent } from '../graph/passes/unroll-recurrent';
import { writeGraphModel } from '../model-formats/tfjs/write-graph-model';
import { whyNotInGraphModel } from '../model-formats/tfjs/writing/ops';
import type { FormRow, FormSource } from './form';

/** TensorFlow.js has no operator for a recurrent layer. */
function missing({ graph: source }: FormSource): string | undefined {
  const graph = unrollRecurrent(source);
  const op = graph.ops.find((candidate) => isOpaque(candidate) || whyNotInGraphModel(candidate) !== undefined);
  if (!op) return undefined;
  return isOpaque(op) ? `${op.attrs.operator} is not modelled` : `${op.sourceName || op.id}: ${whyNotInGraphModel(op)}`;
}

/** The GraphModel of TensorFlow.js: bytes are how weights are stored, and everything is computed in float32. */
export const TFJS_FORM: FormRow = {
  id: 'tfjs',
  title: 'TensorFlow.js GraphModel, 8-bit weights',
  explain: 'A quarter of the download for pages that run TensorFlow.js; it computes in float32.',
  extension: '.zip',
  runtime: 'tfjs',
  since: '2.0',
  whyNot: missing,
  write: ({ graph }) => ({ bytes: writeGraphModel(unrollRecurrent(graph)), notes: [] }),
};
