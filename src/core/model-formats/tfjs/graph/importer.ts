import { lookup } from '../../../../base/lookup';
import { RangefinderError } from '../../../../base/errors';
import type { GraphBuilder } from '../../../graph/build';
import { elementCount, type TensorId } from '../../../graph/graph';
import type { OpenSizes } from '../../open-sizes';
import type { ManifestArray } from '../weights';
import { Call } from './call';
import { dilate } from './dilation';
import { fold, FOLDED } from './fold';
import type { GraphNode, NodeRef } from './node';
import { GRAPH_MODEL_OPS, PASSING } from './ops/table';
import { isKnown, type Known, type Value } from './value';

const INPUTS: ReadonlySet<string> = new Set(['Placeholder', 'PlaceholderWithDefault']);
const MOST_DETAILS = 100;
const key = ({ node, output }: NodeRef) => `${output} ${node}`;

/** Turns nodes into ops, each once, when something that is needed reads it. */
export class GraphImporter {
  /** Result tensor of each node → the name TensorFlow gives it. */
  readonly results = new Map<TensorId, string>();
  private readonly done = new Map<string, Value>();
  private readonly constants = new Map<Known, TensorId>();
  private readonly nodes: ReadonlyMap<string, GraphNode>;

  constructor(
    readonly builder: GraphBuilder,
    nodes: ReadonlyMap<string, GraphNode>,
    private readonly weights: ReadonlyMap<string, ManifestArray>,
  ) {
    this.nodes = dilate(nodes, (name) => {
      const array = nodes.get(name)?.op === 'Const' ? weights.get(name) : undefined;
      return array?.dtype === 'int32' && elementCount(array.shape) <= 8 ? Array.from(array.read()) : undefined;
    });
  }

  /** Throws 'unsupported-op' with every node that `outputs` need and that is not modelled. */
  refuseUnsupported(outputs: readonly NodeRef[], where: string): void {
    const seen = new Set<string>();
    const open = outputs.map(({ node }) => node);
    const unknown: GraphNode[] = [];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      const node = this.node(name);
      if (!isModelled(node.op)) unknown.push(node);
      if (!INPUTS.has(node.op)) open.push(...node.inputs.map((input) => input.node));
    }
    if (unknown.length === 0) return;
    const ops = [...new Set(unknown.map(({ op }) => op))].sort();
    const details = unknown.slice(0, MOST_DETAILS).map(({ place }) => place);
    if (unknown.length > MOST_DETAILS) details.push(`… and ${unknown.length - MOST_DETAILS} more`);
    throw new RangefinderError({
      code: 'unsupported-op',
      message: `The model uses ${ops.length === 1 ? 'an operation' : 'operations'} Rangefinder does not model: ${ops.join(', ')}.`,
      where,
      hint: 'Convert the original model to .tflite and open that, or cut the model before these nodes.',
      details,
    });
  }

  addInput(name: string, open: OpenSizes): void {
    const node = this.node(name);
    const shape = node.shape('shape');
    const [batch, ...rest] = shape ?? [];
    if (batch === undefined || batch === 0)
      throw new RangefinderError({
        code: 'unsupported-feature',
        message: `Input "${name}" has no shape${batch === 0 ? ' that holds a value' : ''}.`,
        where: name,
        hint: 'Convert the model again with the size it will be used with.',
      });
    const dims = open.fixed(
      name,
      rest.map((d) => (d > 0 ? d : null)),
    );
    const type = node.type('dtype');
    if (type !== 'float32' && type !== 'int32') throw node.unsupported('an input that is not of numbers');
    this.done.set(key({ node: name, output: 0 }), this.builder.input(name, [Math.max(batch, -1), ...dims], type));
  }

  /** The tensor of an output of the graph, under the node's name where it can have it. */
  output(ref: NodeRef): TensorId {
    const value = this.value(ref);
    if (!isKnown(value)) return value;
    throw this.node(ref.node).unsupported('a constant as output');
  }

  /** Depth-first with a stack of its own, so that the depth of a graph costs memory only. */
  private value(ref: NodeRef): Value {
    const open = new Set<string>();
    const stack = [ref.node];
    while (stack.length > 0) {
      const name = stack.at(-1)!;
      const node = this.node(name);
      const missing = node.inputs.find((input) => !this.done.has(key(input)) && !this.computed(input.node));
      if (missing && !this.computed(name)) {
        if (open.has(missing.node)) throw node.corrupt(`depends on itself through "${missing.node}"`);
        open.add(name);
        stack.push(missing.node);
        continue;
      }
      if (!this.computed(name)) this.compute(node);
      open.delete(name);
      stack.pop();
    }
    return this.get(ref);
  }

  private computed(name: string): boolean {
    return this.done.has(key({ node: name, output: 0 }));
  }

  private get(ref: NodeRef): Value {
    const value = this.done.get(key(ref));
    if (value === undefined) throw this.node(ref.node).corrupt(`has no output ${ref.output}`);
    return value;
  }

  private compute(node: GraphNode): void {
    const inputs = node.inputs.map((input) => this.get(input));
    const values: readonly Value[] = [this.translate(node, inputs)].flat();
    values.forEach((value, output) => {
      this.done.set(key({ node: node.name, output }), value);
      // What a node only hands on keeps the name it has.
      if (!isKnown(value) && !inputs.includes(value) && !this.results.has(value))
        this.results.set(value, output === 0 ? node.name : `${node.name}:${output}`);
    });
  }

  private translate(node: GraphNode, inputs: readonly Value[]): Value | readonly Value[] {
    if (node.op === 'Const') return this.constant(node);
    if (INPUTS.has(node.op)) throw node.corrupt('is not among the inputs the model names');
    const folded = fold(node, inputs);
    if (folded) return folded;
    const call = new Call(node, inputs, this.builder, this.constants);
    if (PASSING.has(node.op)) {
      const value = call.value(0);
      return isKnown(value) ? value : call.op('identity', [value], {});
    }
    const translate = lookup(GRAPH_MODEL_OPS, node.op);
    if (!translate) throw node.unsupported('values computed at run time'); // modelled as arithmetic on shapes only
    return translate(call);
  }

  private constant(node: GraphNode): Known {
    const array = this.weights.get(node.name);
    if (!array)
      throw new RangefinderError({
        code: 'corrupt-file',
        message: `The weights of ${node.place} are not in the manifest.`,
        where: node.name,
        hint: 'Convert the model again.',
      });
    const dtype = array.dtype === 'float32' || array.dtype === 'bool' ? array.dtype : 'int32';
    const values = array.read();
    if (values.length !== elementCount(array.shape)) throw node.corrupt(`holds ${values.length} values`);
    return { shape: array.shape, dtype, values };
  }

  private node(name: string): GraphNode {
    const node = this.nodes.get(name);
    if (node) return node;
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `The graph refers to a node "${name}", which it does not have.`,
      where: name,
      hint: 'Convert the model again.',
    });
  }
}

function isModelled(op: string): boolean {
  return (
    op === 'Const' || INPUTS.has(op) || PASSING.has(op) || FOLDED.includes(op) || Object.hasOwn(GRAPH_MODEL_OPS, op)
  );
}
