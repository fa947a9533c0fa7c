/** The nodes of a GraphModel: a TensorFlow GraphDef in JSON (tensorflow/core/framework/node_def.proto). */
import { lookup } from '../../../../base/lookup';
import { z } from '../../../../base/zod';
import { RangefinderError } from '../../../../base/errors';
import type { Padding, Pair } from '../../../graph/ops/attrs';

/** An output of a node. */
export interface NodeRef {
  readonly node: string;
  readonly output: number;
}

const savedNode = z.looseObject({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).nullish(),
  attr: z.record(z.string(), z.unknown()).nullish(),
});

/** Enumeration of tensorflow/core/framework/types.proto; converters write the name or the number. */
const TYPES: Readonly<Record<string, string>> = {
  DT_FLOAT: 'float32',
  DT_DOUBLE: 'float32',
  DT_HALF: 'float32',
  DT_INT32: 'int32',
  DT_INT64: 'int32',
  DT_UINT8: 'int32',
  DT_INT8: 'int32',
  DT_INT16: 'int32',
  DT_BOOL: 'bool',
  DT_STRING: 'string',
};
const TYPE_NUMBERS: Readonly<Record<number, string>> = {
  1: 'DT_FLOAT',
  2: 'DT_DOUBLE',
  3: 'DT_INT32',
  4: 'DT_UINT8',
  5: 'DT_INT16',
  6: 'DT_INT8',
  7: 'DT_STRING',
  9: 'DT_INT64',
  10: 'DT_BOOL',
  19: 'DT_HALF',
};

export class GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly NodeRef[];
  private readonly attrs: Readonly<Record<string, unknown>>;

  constructor(private readonly saved: z.infer<typeof savedNode>) {
    const { name, op, input, attr } = saved;
    this.name = name;
    this.op = op;
    // "^name" only says what has to run before.
    this.inputs = (input ?? []).filter((text) => !text.startsWith('^')).map(nodeRef);
    this.attrs = attr ?? {};
  }

  get place(): string {
    return `${this.op} "${this.name}"`;
  }

  /** The node with other inputs, another operation or further attributes. */
  changed(changes: { op?: string; input?: readonly string[]; attr?: Readonly<Record<string, unknown>> }): GraphNode {
    const { op = this.op, input = this.saved.input ?? [], attr = {} } = changes;
    return new GraphNode({ ...this.saved, op, input: [...input], attr: { ...this.attrs, ...attr } });
  }

  flag(key: string, fallback = false): boolean {
    const value = this.field(key, 'b') ?? fallback;
    if (typeof value !== 'boolean') throw this.corrupt(`has no true or false in "${key}"`);
    return value;
  }

  number(key: string, fallback?: number): number {
    const value = Number(this.field(key, 'f') ?? this.field(key, 'i') ?? fallback);
    if (!Number.isFinite(value)) throw this.corrupt(`has no number in "${key}"`);
    return value;
  }

  /** Converters write 64-bit integers as text. */
  ints(key: string, fallback?: readonly number[]): number[] {
    const list = (this.field(key, 'list') as { i?: unknown } | undefined)?.i;
    const values = Array.isArray(list) ? list.map(Number) : fallback && [...fallback];
    if (!values?.every(Number.isInteger)) throw this.corrupt(`has no whole numbers in "${key}"`);
    return values;
  }

  text(key: string, fallback?: string): string {
    const value = this.field(key, 's');
    const text = value === undefined ? fallback : decodeText(value);
    if (text === undefined) throw this.corrupt(`has no text in "${key}"`);
    return text;
  }

  texts(key: string): string[] {
    const list = (this.field(key, 'list') as { s?: unknown } | undefined)?.s;
    return Array.isArray(list) ? list.map((item) => decodeText(item) ?? '') : [];
  }

  /** "float32", "int32", "bool"; undefined where the node does not say or the type is none of those. */
  type(key: string): string | undefined {
    const value = this.field(key, 'type');
    const name = typeof value === 'number' ? TYPE_NUMBERS[value] : value;
    return typeof name === 'string' ? lookup(TYPES, name) : undefined;
  }

  /** Dimensions of a shape attribute, -1 for an open one; undefined where the rank is not known. */
  shape(key: string): number[] | undefined {
    const shape = this.field(key, 'shape') as { dim?: unknown; unknownRank?: boolean } | undefined;
    if (!shape || shape.unknownRank) return undefined;
    const dims: unknown = shape.dim ?? [];
    if (!Array.isArray(dims)) throw this.corrupt(`has no dimensions in "${key}"`);
    return dims.map((dim) => Number((dim as { size?: unknown } | null)?.size ?? 0));
  }

  /** [height, width] of a list over N, H, W, C. */
  spatial(key: string, fallback: readonly number[] = [1, 1, 1, 1]): Pair {
    const values = this.ints(key, fallback);
    const list = values.length > 0 ? values : fallback;
    if (list.length !== 4 || list[0] !== 1 || list[3] !== 1) throw this.unsupported(`${key} [${list.join(', ')}]`);
    return [list[1], list[2]];
  }

  padding(): Padding | 'explicit' {
    const padding = this.text('padding').toLowerCase();
    if (padding !== 'same' && padding !== 'valid' && padding !== 'explicit')
      throw this.unsupported(`padding "${padding}"`);
    return padding;
  }

  requireChannelsLast(): void {
    const format = this.text('data_format', 'NHWC');
    if (format !== 'NHWC') throw this.unsupported(`data_format ${format}`);
  }

  corrupt(problem: string): RangefinderError {
    return new RangefinderError({
      code: 'corrupt-file',
      message: `The graph contradicts itself: ${this.place} ${problem}.`,
      where: this.name,
      hint: 'Convert the model again.',
    });
  }

  unsupported(feature: string): RangefinderError {
    return new RangefinderError({
      code: 'unsupported-feature',
      message: `${this.place} uses ${feature}, which Rangefinder does not read.`,
      where: this.name,
      hint: 'Convert the original model to .tflite and open that.',
    });
  }

  private field(key: string, kind: string): unknown {
    const attr = lookup(this.attrs, key);
    return typeof attr === 'object' && attr !== null ? lookup(attr as Record<string, unknown>, kind) : undefined;
  }
}

/** "split:1" → output 1 of "split". */
export function nodeRef(text: string): NodeRef {
  const [, node, output] = /^(.*?)(?::(\d+))?$/s.exec(text)!;
  return { node: node, output: output === undefined ? 0 : Number(output) };
}

/** Text is base64, or in files of older converters a list of character codes. */
function decodeText(value: unknown): string | undefined {
  if (Array.isArray(value)) return String.fromCharCode(...(value as number[]));
  if (typeof value !== 'string') return undefined;
  try {
    return atob(value);
  } catch {
    return value;
  }
}

/** Throws 'corrupt-file' where the topology is no list of nodes or two share a name. */
export function parseNodes(topology: unknown, where: string): ReadonlyMap<string, GraphNode> {
  const parsed = z.array(savedNode).safeParse(topology);
  const nodes = new Map<string, GraphNode>();
  const details = parsed.success ? [] : parsed.error.issues.slice(0, 8).map((i) => `${i.path.join('.')}: ${i.message}`);
  for (const node of parsed.data ?? []) {
    if (nodes.has(node.name)) details.push(`two nodes are called "${node.name}"`);
    nodes.set(node.name, new GraphNode(node));
  }
  if (details.length === 0) return nodes;
  throw new RangefinderError({
    code: 'corrupt-file',
    message: `The graph in "${where}" is not one that TensorFlow.js writes.`,
    where,
    hint: 'Convert the model again.',
    details,
  });
}
