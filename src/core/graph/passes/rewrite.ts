import type { Graph, Shape, StoredAs, Tensor, TensorId } from '../graph';
import { UniqueNames } from '../names';
import type { Op } from '../ops/attrs';

/**
 * A working copy of a graph for passes that replace ops, with writers and readers kept up to date. The graph it came from
 * is not touched; a rewrite that replaced nothing gives that very graph back.
 */
export class Rewrite {
  readonly #graph: Graph;
  /** What became of each op of the original graph. */
  readonly #slots: Op[][];
  readonly #slotOf = new Map<Op, number>();
  readonly #writer = new Map<TensorId, Op>();
  readonly #readers = new Map<TensorId, Set<Op>>();
  readonly #tensors: Map<TensorId, Tensor>;
  readonly #kept: ReadonlySet<TensorId>;
  #tensorNames: UniqueNames | undefined;
  #opNames: UniqueNames | undefined;
  #changed = false;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#slots = graph.ops.map((op) => [op]);
    this.#tensors = new Map(graph.tensors);
    this.#kept = new Set([...graph.inputs, ...graph.outputs]);
    graph.ops.forEach((op, slot) => this.#link(op, slot));
  }

  tensor(id: TensorId): Tensor {
    return this.#tensors.get(id)!;
  }

  writer(id: TensorId): Op | undefined {
    return this.#writer.get(id);
  }

  /** The one op that reads a tensor which is free to vanish with it: an activation that is no input or output. */
  onlyReader(id: TensorId): Op | undefined {
    const readers = this.#readers.get(id);
    if (readers?.size !== 1 || this.#kept.has(id)) return undefined;
    return readers.values().next().value;
  }

  /** Puts ops where another was, in order; none removes it. Outputs nobody writes any more are dropped at the end. */
  replace(old: Op, ...next: readonly Op[]): void {
    const slot = this.#slotOf.get(old)!;
    for (const id of old.inputs) if (id !== null) this.#readers.get(id)?.delete(old);
    for (const id of old.outputs) if (this.#writer.get(id) === old) this.#writer.delete(id);
    this.#slotOf.delete(old);
    const ops = this.#slots[slot];
    ops.splice(ops.indexOf(old), 1, ...next);
    for (const op of next) this.#link(op, slot);
    this.#changed = true;
  }

  /** A new tensor named after `wanted`. */
  add(wanted: string, tensor: Omit<Tensor, 'id'>): TensorId {
    this.#tensorNames ??= new UniqueNames(this.#tensors.keys());
    const id = this.#tensorNames.take(wanted);
    this.#tensors.set(id, { ...tensor, id });
    return id;
  }

  /**
   * Other values for a constant: under its own id, or under a new one where other ops read it too.
   * @param storedAs what the new values are stored as; those of the file were others
   */
  changed(id: TensorId, data: Float32Array, storedAs?: StoredAs): TensorId {
    const { storedAs: _, ...unchanged } = this.tensor(id);
    const tensor: Tensor = { ...unchanged, ...(storedAs && { storedAs }) };
    if (this.#readers.get(id)!.size > 1 || this.#kept.has(id)) return this.add(id, { ...tensor, data });
    this.#tensors.set(id, { ...tensor, data });
    return id;
  }

  /** Another shape for an activation, whose ops have to be told by whoever changes it. */
  reshape(id: TensorId, shape: Shape): void {
    this.#tensors.set(id, { ...this.tensor(id), shape });
    this.#changed = true;
  }

  opName(wanted: string): string {
    this.#opNames ??= new UniqueNames([...this.#slotOf.keys()].map((op) => op.id));
    return this.#opNames.take(wanted);
  }

  done(): Graph {
    if (!this.#changed) return this.#graph;
    const used = new Set(this.#kept);
    for (const [id, readers] of this.#readers) if (readers.size > 0) used.add(id);
    for (const id of this.#writer.keys()) used.add(id);
    const tensors = new Map([...this.#tensors].filter(([id]) => used.has(id)));
    return { ...this.#graph, ops: this.#slots.flat(), tensors };
  }

  #link(op: Op, slot: number): void {
    this.#slotOf.set(op, slot);
    for (const id of op.outputs) this.#writer.set(id, op);
    for (const id of op.inputs) {
      if (id === null) continue;
      const readers = this.#readers.get(id);
      if (readers) readers.add(op);
      else this.#readers.set(id, new Set([op]));
    }
  }
}
