/** Refuses a file for all the operators Rangefinder does not model at once. */
import { RangefinderError } from '../../../base/errors';
import { ONNX_OPS } from './ops/table';
import type { Message } from './proto/schema';

const MOST_DETAILS = 100;
const MANY_OPS_HINT = 'Replace these layers, or cut the model before them.';
/** Exporters write out arithmetic on shapes and constants that others compute once. */
const USES_HINT =
  'Run onnxsim (onnx-simplifier) on the file, which computes beforehand what is fixed; otherwise replace these layers, or cut the model before them.';

/** The operator's name, with the domain where it is not the default one. */
export function operatorName({ domain, opType }: Message<'NodeProto'>): string {
  return isDefaultDomain(domain) ? (opType ?? '') : `${domain}.${opType}`;
}

export function isDefaultDomain(domain: string | undefined): boolean {
  return !domain || domain === 'ai.onnx';
}

/** onnxruntime's operators on integers of which no row knows the float operator. */
const QUANTIZED = /\.(QLinear|QAttention|QEmbed|DynamicQuantize|QMoE)/;
const QUANTIZED_HINT =
  'The file is quantized already: open the float model it was made of, or quantize it in the format QDQ to see its parameters.';

export function refuseUnsupported(nodes: readonly Message<'NodeProto'>[], fileName: string): void {
  const unknown = nodes.filter(
    ({ domain, opType }) => !isDefaultDomain(domain) || !Object.hasOwn(ONNX_OPS, opType ?? ''),
  );
  if (unknown.length === 0) return;
  const names = [...new Set(unknown.map(operatorName))];
  const details = unknown
    .slice(0, MOST_DETAILS)
    .map((node) => `${operatorName(node)} "${node.name || node.output[0] || ''}"`);
  if (unknown.length > MOST_DETAILS) details.push(`… and ${unknown.length - MOST_DETAILS} more`);
  throw new RangefinderError({
    code: 'unsupported-op',
    message: `The model uses ${names.length === 1 ? 'an operator' : 'operators'} Rangefinder does not model: ${names.join(', ')}.`,
    where: fileName,
    hint: names.some((name) => QUANTIZED.test(name)) ? QUANTIZED_HINT : MANY_OPS_HINT,
    details,
  });
}

/** Refuses a file for all uses of operators that are not modelled, each a sentence. */
export function refusedUses(uses: readonly string[], fileName: string): RangefinderError {
  const [first = ''] = uses;
  const several = uses.length > 1;
  const rest = uses.length > MOST_DETAILS ? [`… and ${uses.length - MOST_DETAILS} more`] : [];
  return new RangefinderError({
    code: 'unsupported-op',
    message: several ? `${uses.length} ops cannot be translated; the first: ${first}` : first,
    where: fileName,
    hint: USES_HINT,
    ...(several && { details: [...uses.slice(0, MOST_DETAILS), ...rest] }),
  });
}
