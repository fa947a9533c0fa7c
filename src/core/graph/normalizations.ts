/** Layer, group, instance and RMS normalizations, which files spell out in a dozen ops, found again as one thing. */
import { isConstant, producers, tensorOf, type Graph, type TensorId } from './graph';
import type { Op, OpKind } from './ops/attrs';

export interface Normalization {
  /** What is normalized. */
  readonly input: TensorId;
  /** In the order of the graph: from the mean, or the square, to the scaled and shifted result. */
  readonly ops: readonly Op[];
}

const ROOTS: ReadonlySet<OpKind> = new Set<OpKind>(['rsqrt', 'sqrt', 'pow']);
const ARITHMETIC: ReadonlySet<OpKind> = new Set<OpKind>(['add', 'sub', 'mul', 'div']);

/** Walks a graph back from the root of a variance to what it is the variance of. */
class Statistics {
  readonly ops = new Set<Op>();

  constructor(
    private readonly graph: Graph,
    private readonly producerOf: ReadonlyMap<TensorId, Op>,
  ) {}

  /** The tensor whose mean square, around its mean or around zero, the root is taken of. */
  inputOf(root: Op): TensorId | null {
    this.ops.add(root);
    let op = this.writer(root.inputs[0]);
    // The epsilon that keeps the root from zero; Keras bounds it from below instead.
    if (op && (op.kind === 'add' || op.kind === 'maximum')) op = this.writer(this.take(op).variable);
    while (op?.kind === 'reshape') op = this.writer(this.take(op).variable);
    if (op?.kind !== 'mean') return null;
    const squared = this.writer(this.take(op).variable);
    if (!squared) return null;
    return this.squaredOf(this.take(squared).op);
  }

  private squaredOf(op: Op): TensorId | null {
    const [a, b] = op.inputs;
    if (!a) return null;
    switch (op.kind) {
      case 'square':
        return this.centeredOf(a);
      case 'mul':
        return a === b ? this.centeredOf(a) : null;
      case 'pow':
        return tensorOf(this.graph, b!).data?.[0] === 2 ? this.centeredOf(a) : null;
      case 'squaredDifference':
        return this.takesMean(b, a) ? a : null;
      default:
        return null;
    }
  }

  /** What a mean was taken from; the tensor itself where none was. */
  private centeredOf(id: TensorId): TensorId {
    const op = this.writer(id);
    const [x, mean] = op?.inputs ?? [];
    if (op?.kind !== 'sub' || !x || !this.takesMean(mean, x)) return id;
    this.ops.add(op);
    return x;
  }

  private takesMean(mean: TensorId | null | undefined, of: TensorId): boolean {
    let op = this.writer(mean);
    const passed: Op[] = [];
    while (op?.kind === 'reshape') {
      passed.push(op);
      op = this.writer(op.inputs[0]);
    }
    if (op?.kind !== 'mean' || op.inputs[0] !== of) return false;
    for (const member of [op, ...passed]) this.ops.add(member);
    return true;
  }

  private take(op: Op): { op: Op; variable: TensorId | null } {
    this.ops.add(op);
    return { op, variable: op.inputs.find((id) => id !== null && !isConstant(this.graph, id)) ?? null };
  }

  private writer(id: TensorId | null | undefined): Op | undefined {
    return id ? this.producerOf.get(id) : undefined;
  }
}

/**
 * All that is computed of the statistics, up to the normalized, scaled and shifted tensor: arithmetic among the input, what
 * was computed so far and constants. The input meets statistics only, so that a residual connection around it stays out, and
 * the normalized tensor is scaled and shifted once, so that a layer behind it does.
 */
function addFollowers(graph: Graph, input: TensorId, ops: Set<Op>): void {
  /** What holds the input's values, and how often constants have scaled and shifted them; all else is statistics. */
  const values = new Map<TensorId, Affine>([[input, { scaled: false, shifted: false }]]);
  const inside = new Set<TensorId>();
  for (const op of graph.ops) {
    const isStatistic = ops.has(op);
    const [y] = op.outputs;
    const operands = op.inputs.filter((id): id is TensorId => id !== null && !isConstant(graph, id));
    const held = operands.filter((id) => values.has(id));
    if (!isStatistic) {
      if (!ARITHMETIC.has(op.kind) && op.kind !== 'reshape') continue;
      const follows = operands.some((id) => inside.has(id)) && operands.every((id) => id === input || inside.has(id));
      if (!follows || (held.includes(input) && held.length > 1)) continue;
    }
    const affine = held.length > 0 && op.kind !== 'mean' ? affineOf(op, held, operands, values) : null;
    if (!isStatistic && affine === 'twice') continue;
    if (affine && affine !== 'twice') values.set(y, affine);
    ops.add(op);
    if (isStatistic || (op.activation === 'none' && !graph.outputs.includes(y))) inside.add(y);
  }
}

interface Affine {
  readonly scaled: boolean;
  readonly shifted: boolean;
}

/** What an op makes of the values it holds; 'twice' where a constant scales or shifts what has been, in this order. */
function affineOf(
  op: Op,
  held: readonly TensorId[],
  operands: readonly TensorId[],
  values: ReadonlyMap<TensorId, Affine>,
): Affine | 'twice' {
  const known = held.map((id) => values.get(id)!);
  const before = { scaled: known.some(({ scaled }) => scaled), shifted: known.some(({ shifted }) => shifted) };
  if (!ARITHMETIC.has(op.kind) || operands.length === op.inputs.length) return before;
  const scales = op.kind === 'mul' || op.kind === 'div';
  if (before.shifted || (scales && before.scaled)) return 'twice';
  return { scaled: before.scaled || scales, shifted: before.shifted || !scales };
}

/** All normalizations by statistics that are computed as the model runs. Expects topological order. */
export function normalizations(graph: Graph): Normalization[] {
  if (!graph.ops.some(({ kind }) => ROOTS.has(kind))) return [];
  const producerOf = producers(graph);
  const found: Normalization[] = [];
  for (const root of graph.ops) {
    if (!ROOTS.has(root.kind)) continue;
    const statistics = new Statistics(graph, producerOf);
    const input = statistics.inputOf(root);
    if (input === null) continue;
    addFollowers(graph, input, statistics.ops);
    found.push({ input, ops: graph.ops.filter((op) => statistics.ops.has(op)) });
  }
  return found;
}
