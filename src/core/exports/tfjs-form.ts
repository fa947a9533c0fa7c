import { isOpaque } from '../graph/partition';
import { writeGraphModel } from '../model-formats/tfjs/write-graph-model';
import { whyNotInGraphModel } from '../model-formats/tfjs/writing/ops';
import type { FormRow, FormSource } from './form';

function missing({ graph }: FormSource): string | undefined {
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
  write: ({ graph }) => ({ bytes: writeGraphModel(graph), notes: [] }),
};
