/** A graph under reconstruction, in which transposes and reshapes are views until some op needs the values in place. */
import type { Graph, Shape, Tensor, TensorData, TensorId } from '../../graph';
import { UniqueNames } from '../../names';
import type { Op } from '../../ops/attrs';
import { inferOp } from '../../ops/infer';
import { inversePermutation, permutedData, permutedShape } from '../../permute';
import {
  isPlain,
  isReshape,
  isTranspose,
  plainView,
  reshapedView,
  regrouped,
  transposedView,
  view,
  type View,
} from './view';

export class Sinker {
  readonly #graph: Graph;
  readonly #tensors = new Map<TensorId, Tensor>();
  readonly #ops: Op[] = [];
  readonly #views = new Map<TensorId, View>();
  readonly #settled = new Map<string, TensorId>();
  readonly #outputs: ReadonlySet<TensorId>;
  readonly #tensorNames: UniqueNames;
  readonly #opNames: UniqueNames;
  readonly #lent = new Set<Op>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#outputs = new Set(graph.outputs);
    this.#tensorNames = new UniqueNames(graph.tensors.keys());
    this.#opNames = new UniqueNames(graph.ops.map(({ id }) => id));
    for (const tensor of graph.tensors.values()) if (tensor.data) this.#tensors.set(tensor.id, tensor);
    for (const id of graph.inputs) this.#tensors.set(id, graph.tensors.get(id)!);
  }

  /** Rebuilds the graph; `sink` deals with an op on views, or says that it cannot. */
  run(sink: (op: Op) => boolean): Graph {
    for (const op of this.#graph.ops) if (!sink(op)) this.copy(op);
    for (const id of this.#graph.outputs) this.#settleOutput(id);
    return { ...this.#graph, ops: this.#ops, tensors: this.#tensors };
  }

  viewOf(id: TensorId): View {
    return this.#views.get(id) ?? plainView(id, this.tensor(id).shape);
  }

  /** What the original graph declares. */
  declared(id: TensorId): Tensor {
    return this.#graph.tensors.get(id)!;
  }

  tensor(id: TensorId): Tensor {
    return this.#tensors.get(id)!;
  }

  /** Lets a tensor of the original graph be a view. */
  see(id: TensorId, as: View): void {
    this.#views.set(id, as);
  }

  /** Keeps an op as it is, with `inputs` or the values of its own in place. */
  copy(op: Op, inputs = op.inputs.map((id) => id && this.settle(this.viewOf(id)))): void {
    this.#ops.push({ ...op, inputs });
    for (const id of op.outputs) this.#tensors.set(id, this.declared(id));
  }

  /** The op on other inputs, with other attributes; returns its outputs under names of their own. */
  emit(op: Op, inputs: readonly (TensorId | null)[], attrs: Op['attrs'] = op.attrs): TensorId[] {
    const draft = { ...op, attrs, inputs } as Op;
    const { op: inferred, shapes } = inferOp(draft, (id) => this.tensor(id));
    const outputs = op.outputs.map((id, i) => this.#add(this.#own(id), { ...this.declared(id), shape: shapes[i] }));
    this.#ops.push({ ...inferred, outputs });
    return outputs;
  }

  /** The values of a view in place. */
  settle(x: View): TensorId {
    if (isPlain(x)) return x.source;
    const key = `${x.source}|${x.permutation.join()}|${x.shape.join()}`;
    const known = this.#settled.get(key);
    if (known !== undefined) return known;
    const id = this.#arrange(x, null);
    this.#settled.set(key, id);
    return id;
  }

  /** The same view as one that moves dimensions and does nothing else, all else done before; null where nothing moves. */
  asTranspose(x: View): View | null {
    if (isReshape(x)) return null;
    if (isTranspose(x)) return x;
    const parts = regrouped(x);
    if (!parts) return null;
    const { order, reshaped, permutation } = parts;
    const source = this.settle({ ...view(x.source, x.sourceShape, order, reshaped), origin: x.origin });
    const seen = view(source, reshaped, permutation, x.shape);
    return isReshape(seen) ? null : seen;
  }

  /** A view with its dimensions moved; what cannot be seen through is put in place first. */
  transpose(x: View, permutation: readonly number[]): View {
    const seen = transposedView(x, permutation);
    if (seen) return seen;
    const moved = this.asTranspose(x);
    const settled = moved ?? plainView(this.settle(x), x.shape);
    return transposedView(settled, permutation)!;
  }

  /**
   * An operand for an op that works on what `permutation` moves: the operand with its dimensions moved back, where that
   * costs no transpose. Constants are laid out anew.
   *
   * @param broadcast whether leading dimensions of size 1 mean nothing, as for an operand that is broadcast
   */
  movedBack(id: TensorId, permutation: readonly number[], broadcast: boolean): TensorId | null {
    const back = inversePermutation(permutation);
    const x = this.viewOf(id);
    const missing = permutation.length - x.shape.length;
    if (missing < 0 || (missing > 0 && !broadcast)) return null;
    const expanded = reshapedView(x, [...Array<number>(missing).fill(1), ...x.shape]);
    const moved = transposedView(expanded, back);
    const constant = this.tensor(x.source).data !== undefined;
    if (!moved || !(constant || isReshape(moved))) return null;
    if (!constant || !broadcast) return this.settle(moved);
    const lead = moved.shape.findIndex((d) => d !== 1);
    return this.settle(reshapedView(moved, lead === -1 ? [] : moved.shape.slice(lead)));
  }

  /** A constant made from another. */
  constant(like: TensorId, data: TensorData, shape: Shape): TensorId {
    return this.#add(this.#tensorNames.take(like), { ...this.tensor(like), data, shape });
  }

  #settleOutput(id: TensorId): void {
    const x = this.#views.get(id);
    if (x) this.#arrange(x, id);
  }

  /** Adds the ops that put a view in place, the last one writing `output` where that is given. */
  #arrange(x: View, output: TensorId | null): TensorId {
    const tensor = this.tensor(x.source);
    const moved = permutedShape(x.sourceShape, x.permutation);
    if (tensor.data && !tensor.quant && output === null)
      return this.constant(x.source, permutedData(tensor.data, x.sourceShape, x.permutation), x.shape);
    let at = x.source;
    if (!isReshape(x)) {
      const last = isTranspose(x);
      at = this.#step('transpose', { permutation: x.permutation }, at, moved, last ? output : null, x.origin);
      if (last) return at;
    }
    if (isPlain(x)) return this.#step('identity', {}, at, x.shape, output, x.origin);
    return this.#step('reshape', { shape: x.shape }, at, x.shape, output, x.origin);
  }

  #step(
    kind: 'transpose' | 'reshape' | 'identity',
    attrs: object,
    input: TensorId,
    shape: Shape,
    output: TensorId | null,
    origin: Op | undefined,
  ): TensorId {
    const { data: _, ...tensor } = this.tensor(input);
    const lends = origin?.kind === kind && !this.#lent.has(origin) ? origin : undefined;
    if (lends) this.#lent.add(lends);
    const id = this.#add(output ?? this.#nameAfter(lends, `${input}/${kind}`), { ...tensor, shape });
    const op = {
      id: lends?.id ?? this.#opNames.take(`${input}/${kind}`),
      kind,
      attrs,
      inputs: [input],
      outputs: [id],
      activation: 'none',
      sourceName: origin?.sourceName ?? input,
    };
    this.#ops.push(op as unknown as Op);
    return id;
  }

  #nameAfter(origin: Op | undefined, otherwise: string): TensorId {
    return origin ? this.#own(origin.outputs[0]) : this.#tensorNames.take(otherwise);
  }

  /** The name of an op's output for the tensor that takes its place: its own, unless the model hands that out. */
  #own(id: TensorId): TensorId {
    return this.#outputs.has(id) ? this.#tensorNames.take(id) : id;
  }

  #add(id: TensorId, tensor: Tensor): TensorId {
    this.#tensors.set(id, { ...tensor, id });
    return id;
  }
}
