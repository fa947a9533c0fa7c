/** Refuses a file for all the operators Rangefinder does not model at once, and says where it could be cut. */
import { RangefinderError } from '../../../base/errors';
import { namesRead } from './node-order';
import { ONNX_OPS } from './ops/table';
import type { Message } from './proto/schema';

const MOST_DETAILS = 100;
const MANY_OPS_HINT = 'Replace these layers.';

type Node = Message<'NodeProto'>;

/** A node that cannot be translated, and why, as a sentence. */
export interface RefusedNode {
  readonly node: Node;
  readonly message: string;
  /** What helps besides replacing or cutting. */
  readonly hint?: string;
}

/** The names of what a model takes and gives. */
export interface ModelEnds {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Tensors that a call names; more are not readable. */
const MOST_NAMED = 8;

/**
 * How to cut off what cannot be translated: the part before it where there is one, otherwise the part behind it.
 * Undefined where no part is left.
 */
function cutHint(
  nodes: readonly Node[],
  refused: ReadonlySet<Node>,
  { inputs, outputs }: ModelEnds,
): string | undefined {
  const computed = new Set(inputs);
  const lost = new Set<string>();
  const kept: Node[] = [];
  const ends = new Set<string>();
  for (const node of nodes) {
    const read = namesRead(node).filter((name) => name !== '');
    const gone = refused.has(node) || read.some((name) => lost.has(name));
    if (gone) for (const name of read) if (computed.has(name) && !inputs.includes(name)) ends.add(name);
    if (!gone && read.some((name) => computed.has(name))) {
      kept.push(node);
      for (const name of node.output) computed.add(name);
    }
    if (gone) for (const name of node.output) lost.add(name);
  }
  for (const name of outputs) if (computed.has(name) && !inputs.includes(name)) ends.add(name);
  if (kept.length === 0 || ends.size === 0 || ends.size > MOST_NAMED) return undefined;
  const list = (names: Iterable<string>) => `[${[...names].map((name) => JSON.stringify(name)).join(', ')}]`;
  return `Cut it off: onnx.utils.extract_model("model.onnx", "cut.onnx", ${list(inputs)}, ${list(ends)}) keeps ${kept.length} of ${nodes.length} nodes.`;
}

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

/** @param ends of the model where `nodes` are all of it; left out for those of a branch */
export function refuseUnsupported(nodes: readonly Node[], fileName: string, ends?: ModelEnds): void {
  const unknown = nodes.filter(
    ({ domain, opType }) => !isDefaultDomain(domain) || !Object.hasOwn(ONNX_OPS, opType ?? ''),
  );
  if (unknown.length === 0) return;
  const names = [...new Set(unknown.map(operatorName))];
  const details = unknown
    .slice(0, MOST_DETAILS)
    .map((node) => `${operatorName(node)} "${node.name || node.output[0] || ''}"`);
  if (unknown.length > MOST_DETAILS) details.push(`… and ${unknown.length - MOST_DETAILS} more`);
  const cut = ends && cutHint(nodes, new Set(unknown), ends);
  throw new RangefinderError({
    code: 'unsupported-op',
    message: `The model uses ${names.length === 1 ? 'an operator' : 'operators'} Rangefinder does not model: ${names.join(', ')}.`,
    where: fileName,
    hint: names.some((name) => QUANTIZED.test(name)) ? QUANTIZED_HINT : (cut ?? MANY_OPS_HINT),
    details,
  });
}

/** Refuses a file for all uses of operators that are not modelled. */
export function refusedUses(
  uses: readonly RefusedNode[],
  nodes: readonly Node[],
  fileName: string,
  ends: ModelEnds,
): RangefinderError {
  const first = uses[0];
  const several = uses.length > 1;
  const rest = uses.length > MOST_DETAILS ? [`… and ${uses.length - MOST_DETAILS} more`] : [];
  const cut = cutHint(nodes, new Set(uses.map(({ node }) => node)), ends);
  const helps = uses.find(({ hint }) => hint !== undefined)?.hint;
  return new RangefinderError({
    code: 'unsupported-op',
    message: several ? `${uses.length} ops cannot be translated; the first: ${first.message}` : first.message,
    where: fileName,
    hint: [helps, cut].filter((hint) => hint !== undefined).join(' ') || MANY_OPS_HINT,
    ...(several && { details: [...uses.slice(0, MOST_DETAILS).map(({ message }) => message), ...rest] }),
  });
}
