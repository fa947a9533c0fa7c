import { BUDGET } from '../../base/budget';
import { RangefinderError, type ErrorCode, type ErrorInfo } from '../../base/errors';
import { BATCH, type Graph, type NumberType, type Shape, type Tensor, type TensorId } from './graph';
import type { Op } from './ops/attrs';
import { inferOp } from './ops/infer';
import { DAMAGED, show } from './ops/rules';
import { topologicalOrder } from './order';

/** Dimensions a TensorFlow Lite kernel handles at most. */
const MOST_DIMENSIONS = 8;
const MOST_DETAILS = 50;

const STORED_AS: Record<NumberType, readonly string[]> = {
  float32: ['Float32Array'],
  float16: ['Uint16Array'],
  int4: ['Int8Array'],
  int8: ['Int8Array'],
  uint8: ['Uint8Array'],
  int16: ['Int16Array'],
  int32: ['Int32Array'],
  int64: ['BigInt64Array'],
  bool: ['Uint8Array'],
};

/** Collects everything that is wrong, to be thrown as one error. */
class Problems {
  readonly #found: ErrorInfo[] = [];

  add(code: ErrorCode, where: string, message: string, hint = DAMAGED): void {
    this.#found.push({ code, where, message, hint });
  }

  /** The result of a check; undefined where it threw a typed error, which is kept. */
  attempt<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (thrown) {
      if (!(thrown instanceof RangefinderError)) throw thrown;
      this.#found.push(thrown);
      return undefined;
    }
  }

  throwIfAny(): void {
    const [first, ...rest] = this.#found;
    if (!first) return;
    if (rest.length === 0) throw new RangefinderError(first);
    const details = this.#found.slice(0, MOST_DETAILS).map(({ message }) => message);
    if (this.#found.length > MOST_DETAILS) details.push(`… and ${this.#found.length - MOST_DETAILS} more`);
    const message = `The graph has ${this.#found.length} problems; the first: ${first.message}`;
    throw new RangefinderError({ ...first, message, details });
  }
}

/** A sentence about what is wrong with a shape, with its code; null where it can be computed with. */
function shapeProblem(shape: Shape, mayBeBatched: boolean): { code: ErrorCode; problem: string } | null {
  if (shape.length > MOST_DIMENSIONS) return { code: 'invalid-graph', problem: `${shape.length} dimensions` };
  let count = 1;
  for (let i = 0; i < shape.length; i++) {
    const dim = shape[i];
    if (dim === BATCH && i === 0 && mayBeBatched) continue;
    if (!Number.isInteger(dim) || dim < 1) return { code: 'invalid-graph', problem: `dimension ${i} is ${dim}` };
    count *= dim;
  }
  const most = mayBeBatched ? BUDGET.elements.activation : BUDGET.elements.constant;
  if (count > most) return { code: 'too-large', problem: `it has ${count.toExponential(1)} values` };
  return null;
}

/** Checks each tensor that is used, by itself. Returns the ids of those that can be computed with. */
function checkTensors(graph: Graph, used: ReadonlySet<TensorId>, problems: Problems): Set<TensorId> {
  const sound = new Set<TensorId>();
  for (const id of used) {
    const tensor = graph.tensors.get(id);
    if (!tensor) continue;
    if (tensor.carried) {
      sound.add(id); // only opaque ops touch it, and they declare what they need
      continue;
    }
    const { shape, data, dtype, quant } = tensor;
    const bad = shapeProblem(shape, data === undefined);
    if (bad) {
      const hint = bad.code === 'too-large' ? 'Models of this size do not fit into a browser.' : DAMAGED;
      problems.add(
        bad.code,
        id,
        `Tensor "${id}" of shape ${show(shape.slice(0, MOST_DIMENSIONS))}: ${bad.problem}.`,
        hint,
      );
      continue;
    }
    const count = shape.reduce((n, d) => n * d, 1);
    if (data && data.length !== count)
      problems.add(
        'invalid-graph',
        id,
        `Constant "${id}" has ${data.length} values, its shape ${show(shape)} ${count}.`,
      );
    else if (data && !(dtype in STORED_AS && STORED_AS[dtype as NumberType].includes(data.constructor.name)))
      problems.add('invalid-graph', id, `Constant "${id}" of type ${dtype} is stored as ${data.constructor.name}.`);
    else sound.add(id);
    if (quant) checkQuant(tensor, problems);
  }
  return sound;
}

function checkQuant({ id, shape, quant }: Tensor, problems: Problems): void {
  const { scale, zeroPoint, quantizedDimension } = quant!;
  const add = (problem: string) => problems.add('invalid-graph', id, `Tensor "${id}": ${problem}.`);
  if (scale.length !== zeroPoint.length) add(`${scale.length} scales, ${zeroPoint.length} zero points`);
  if (scale.length !== 1 && scale.length !== shape[quantizedDimension])
    add(`${scale.length} scales along dimension ${quantizedDimension} of ${show(shape)}`);
  if (!scale.every((s) => s > 0 && Number.isFinite(s))) add('a scale is not a positive number');
}

/** Who writes what, and whether all that is read is there. */
function checkLinks(graph: Graph, problems: Problems): void {
  const writer = new Map<TensorId, string>();
  const claim = (id: TensorId, by: string) => {
    const other = writer.get(id);
    if (other !== undefined) problems.add('invalid-graph', id, `Tensor "${id}" is written by ${other} and by ${by}.`);
    else if (graph.tensors.get(id)?.data)
      problems.add('invalid-graph', id, `Tensor "${id}" is a constant and written by ${by}.`);
    writer.set(id, by);
  };
  for (const id of graph.inputs) claim(id, 'the graph input');
  const seen = new Set<string>();
  for (const op of graph.ops) {
    if (seen.has(op.id)) problems.add('invalid-graph', op.id, `Two ops are called "${op.id}".`);
    seen.add(op.id);
    for (const id of op.outputs) claim(id, `${op.kind} "${op.id}"`);
  }
  const need = (id: TensorId, by: string) => {
    const tensor = graph.tensors.get(id);
    if (!tensor) problems.add('invalid-graph', id, `${by} refers to tensor "${id}", which does not exist.`);
    else if (tensor.id !== id) problems.add('invalid-graph', id, `Tensor "${id}" is listed under another name.`);
    else if (!tensor.data && !tensor.carried && !writer.has(id))
      problems.add('invalid-graph', id, `${by} needs tensor "${id}", which nothing computes.`);
  };
  for (const op of graph.ops) {
    for (const id of op.inputs) if (id !== null) need(id, `${op.kind} "${op.id}"`);
    if (op.kind !== 'opaque')
      for (const id of [...op.inputs, ...op.outputs])
        if (id !== null && graph.tensors.get(id)?.carried)
          problems.add('invalid-graph', op.id, `${op.kind} "${op.id}" works on "${id}", which is only passed through.`);
    for (const id of op.outputs) if (!graph.tensors.has(id)) need(id, `${op.kind} "${op.id}"`);
  }
  if (graph.outputs.length === 0) problems.add('invalid-graph', graph.name, 'The graph has no output.');
  for (const id of graph.inputs) if (!graph.tensors.has(id)) need(id, 'The graph input');
  for (const id of graph.outputs) need(id, 'The graph output');
}

function usedTensors(graph: Graph): Set<TensorId> {
  const used = new Set<TensorId>([...graph.inputs, ...graph.outputs]);
  for (const op of graph.ops) {
    for (const id of op.inputs) if (id !== null) used.add(id);
    for (const id of op.outputs) used.add(id);
  }
  return used;
}

/** Equal, but for a batch declared 1 where the inputs make it symbolic. */
function agrees(declared: Shape, inferred: Shape): boolean {
  return (
    declared.length === inferred.length &&
    declared.every((d, i) => d === inferred[i] || (i === 0 && d === 1 && inferred[0] === BATCH))
  );
}

/** Infers op after op; returns the ops in canonical form and the tensors with their inferred shapes. */
function inferAll(graph: Graph, order: readonly Op[], sound: Set<TensorId>, problems: Problems) {
  let tensors: ReadonlyMap<TensorId, Tensor> = graph.tensors;
  let changed: Map<TensorId, Tensor> | undefined;
  const ops = order.map((op) => {
    if (!op.inputs.every((id) => id === null || sound.has(id))) return op; // reported before, for that tensor
    const inferred = problems.attempt(() => inferOp(op, (id) => tensors.get(id)!));
    if (!inferred) return op;
    inferred.shapes.forEach((shape, i) => {
      const declared = tensors.get(op.outputs[i])!;
      if (declared.carried) return;
      const bad = shapeProblem(shape, true);
      const where = `${op.kind} "${op.id}"`;
      if (bad) {
        sound.delete(declared.id);
        problems.add(bad.code, op.id, `${where} computes "${declared.id}" of shape ${show(shape)}: ${bad.problem}.`);
      } else if (sound.has(declared.id) && !agrees(declared.shape, shape)) {
        const message = `${where} computes "${declared.id}" of shape ${show(shape)}, declared ${show(declared.shape)}.`;
        problems.add('invalid-graph', op.id, message);
      } else if (declared.shape[0] !== shape[0]) {
        changed ??= new Map(graph.tensors);
        tensors = changed.set(declared.id, { ...declared, shape });
      }
    });
    return inferred.op;
  });
  return { ops, tensors };
}

/**
 * Checks a whole graph and brings it into canonical form: ops in topological order, axes counted from the front, absent
 * optional inputs spelled as null, a declared batch of 1 symbolic where the inputs are. Linear in the size of the graph.
 *
 * @throws RangefinderError 'invalid-graph', or 'too-large' for tensors beyond the {@link BUDGET}; several
 * problems are listed in `details`.
 */
export function validateGraph(graph: Graph): Graph {
  const problems = new Problems();
  checkLinks(graph, problems);
  const sound = checkTensors(graph, usedTensors(graph), problems);
  problems.throwIfAny(); // order and shapes mean nothing on loose ends
  const order = problems.attempt(() => topologicalOrder(graph.ops));
  const { ops, tensors } = inferAll(graph, order ?? [], sound, problems);
  problems.throwIfAny();
  const inOrder = ops.every((op, i) => op === graph.ops[i]);
  return inOrder && tensors === graph.tensors ? graph : { ...graph, ops, tensors };
}
