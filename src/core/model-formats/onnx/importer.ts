/** Walks the nodes of a model in order and adds what each becomes to a Graph. */
import { lookup } from '../../../base/lookup';
import { RangefinderError } from '../../../base/errors';
import { GraphBuilder } from '../../graph/build';
import type { StoredAs, TensorId } from '../../graph/graph';
import { isReal, readTensor, realConstant, type Constant, type ConstantValues } from './constant';
import type { ExternalData } from './external-data';
import { modernized } from './first-releases';
import { isConstantValue, OnnxNode, SIMPLIFY_HINT, type Scope, type Value } from './node';
import type { Trait } from './trait';
import { ONNX_OPS } from './ops/table';
import { DEEPEST_BRANCH, orderedNodes } from './node-order';
import { decodeMessage } from './proto/decode';
import type { Message } from './proto/schema';
import { spelledOut } from './quantized-nodes';
import { refusedUses, refuseUnsupported, type ModelEnds, type RefusedNode } from './unsupported';

/** Values that may be computed while reading, besides one for each byte of the file; and of one constant, half of that. */
const FREE_VALUES = 2 ** 22;
const FREE_VALUES_OF_ONE = 2 ** 19;

export class Importer implements Scope {
  readonly builder: GraphBuilder;
  readonly nonNegative = new Set<TensorId>();
  readonly traits = new Map<TensorId, Trait>();
  readonly nanTests = new Map<TensorId, TensorId>();
  readonly notes = new Set<string>();
  readonly stored = new Map<TensorId, StoredAs>();
  readonly #values = new Map<string, Value>();
  readonly #initializers: Map<string, Message<'TensorProto'>>;
  readonly #constantTensors = new Map<string, TensorId>();
  /** Outputs of nodes that were refused, or that a row does not compute. */
  readonly #missing = new Set<string>();
  readonly #refusals: RefusedNode[] = [];
  #budget: number;
  #depth = 0;

  constructor(
    initializers: readonly Message<'TensorProto'>[],
    readonly opset: number,
    private readonly fileName: string,
    private readonly fileBytes: number,
    private readonly external: ExternalData,
  ) {
    this.#budget = FREE_VALUES + fileBytes;
    this.builder = new GraphBuilder(fileName);
    this.#initializers = new Map(initializers.map((tensor) => [tensor.name ?? '', tensor]));
  }

  /** Makes a name stand for a tensor. */
  define(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  spend(values: number): boolean {
    this.#budget -= values;
    return this.#budget >= 0 && values <= FREE_VALUES_OF_ONE + this.fileBytes / 2;
  }

  note(text: string): void {
    this.notes.add(text);
  }

  /** Whether the name stands for something already: other inputs and nodes are still to come. */
  knows(name: string): boolean {
    return this.#values.has(name) || this.#initializers.has(name);
  }

  value(name: string, reader: OnnxNode): Value {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    const stored = this.#initializers.get(name);
    if (stored) {
      const constant = readTensor(stored, `tensor "${name}"`, this.fileName);
      this.#values.set(name, constant);
      return constant;
    }
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `This ONNX file is damaged: ${reader.place} reads "${name}", which nothing writes.`,
      where: `${this.fileName}, ${reader.name}`,
      hint: 'Download or export the file again.',
    });
  }

  constantTensor(name: string, { type, shape, values, storedAs }: Constant, own = false): TensorId {
    const whole = own && !isReal(type);
    const key = whole ? `${name}:${type}` : name;
    const known = this.#constantTensors.get(key);
    if (known !== undefined) return known;
    const id =
      whole && type === 'BOOL'
        ? this.builder.constant(name, Uint8Array.from(values), shape, { dtype: 'bool' })
        : this.builder.constant(name, whole ? int32(values) : float32(values), shape);
    this.#constantTensors.set(key, id);
    if (storedAs) this.stored.set(id, storedAs);
    return id;
  }

  inline(bytes: Uint8Array, reader: OnnxNode): readonly Value[] {
    if (++this.#depth > DEEPEST_BRANCH) reader.refuse('its branches lie too deep in each other');
    const graph = decodeMessage(bytes, 'GraphProto', this.fileName);
    for (const tensor of graph.initializer) this.#initializers.set(tensor.name ?? '', this.external.inlined(tensor));
    this.external.check();
    const results = graph.output.map(({ name }) => name ?? '');
    const nodes = orderedNodes(spelledOut(graph.node), results, this.fileName);
    refuseUnsupported(nodes, this.fileName);
    this.#translateAll(nodes);
    this.#depth--;
    if (graph.output.some(({ name = '' }) => this.#missing.has(name))) reader.refuse('its branch cannot be translated');
    return graph.output.map(({ name = '' }) => this.value(name, reader));
  }

  /** @throws RangefinderError 'unsupported-op' with everything that cannot be translated in `details` */
  run(nodes: readonly Message<'NodeProto'>[], ends: ModelEnds): void {
    this.#translateAll(nodes);
    if (this.#refusals.length > 0) throw refusedUses(this.#refusals, nodes, this.fileName, ends);
    const lost = nodes.find(({ output }) =>
      output.some((name) => ends.outputs.includes(name) && this.#missing.has(name)),
    );
    if (!lost) return;
    const message = `${lost.opType ?? ''} "${lost.name ?? ''}": one of the model's outputs is a further result of it, which is not modelled.`;
    throw refusedUses([{ node: lost, message }], nodes, this.fileName, ends);
  }

  #translateAll(nodes: readonly Message<'NodeProto'>[]): void {
    for (const message of nodes) {
      if (message.input.some((name) => this.#missing.has(name))) {
        this.#miss(message.output);
        continue;
      }
      try {
        const node = new OnnxNode(this, modernized(message, this));
        const outputs = this.#translate(node);
        outputs.forEach((value, i) => this.#values.set(node.outputs[i] ?? '', value));
        this.#miss(node.outputs.slice(outputs.length));
      } catch (thrown) {
        if (!(thrown instanceof RangefinderError) || thrown.code !== 'unsupported-op') throw thrown;
        this.#refusals.push({ node: message, message: thrown.message, ...(thrown.hint && { hint: thrown.hint }) });
        this.#miss(message.output);
      }
    }
  }

  /** The tensor of a model output; a known value becomes a constant. */
  output(name: string): TensorId {
    const reader = new OnnxNode(this, { ...NO_NODE, opType: 'the model output', name });
    const value = this.value(name, reader);
    return isConstantValue(value) ? this.constantTensor(name, realConstant(value.shape, value.values)) : value;
  }

  #translate(node: OnnxNode): readonly Value[] {
    const row = lookup(ONNX_OPS, node.type)!;
    const constant = node.inputs.every((_, i) => !node.has(i) || node.constant(i) !== undefined);
    if (row.fold && constant) return [row.fold(node)].flat();
    if (row.translate) return [row.translate(node)].flat();
    return node.refuse('modelled for values known beforehand only, not for computed ones', SIMPLIFY_HINT);
  }

  #miss(names: readonly string[]): void {
    for (const name of names) if (name !== '') this.#missing.add(name);
  }
}

const float32 = (values: ConstantValues) => (values instanceof Float32Array ? values : Float32Array.from(values));
/** What does not fit is as good as the nearest that does: exporters write the largest 64-bit number for "to the end". */
const int32 = (values: ConstantValues) =>
  Int32Array.from(values, (v) => Math.min(Math.max(v, -(2 ** 31)), 2 ** 31 - 1));

const NO_NODE: Message<'NodeProto'> = {
  input: [],
  output: [],
  name: undefined,
  opType: undefined,
  attribute: [],
  domain: undefined,
};
