import { RangefinderError } from '../../base/errors';
import type { TensorId } from './graph';
import type { Op } from './ops/attrs';

const MOST_NAMED = 8;

function cycle(path: readonly Op[]): RangefinderError {
  const names = path.slice(0, MOST_NAMED).map((op) => `"${op.id}"`);
  if (path.length > MOST_NAMED) names.push(`… (${path.length} ops)`);
  return new RangefinderError({
    code: 'invalid-graph',
    message: `Ops depend on themselves in a circle: ${names.join(' → ')}.`,
    where: path[0].id,
    hint: 'Recurrent models are not supported unless their loop is unrolled.',
  });
}

/**
 * Ops so that each comes after those it reads from, otherwise in the given order. Depth-first with a stack of its own,
 * so that depth costs memory only.
 *
 * @throws RangefinderError 'invalid-graph' naming the ops of a cycle.
 */
export function topologicalOrder(ops: readonly Op[]): Op[] {
  const writer = new Map<TensorId, Op>();
  for (const op of ops) for (const id of op.outputs) writer.set(id, op);
  const placed = new Set<Op>();
  const open = new Set<Op>();
  const order: Op[] = [];
  for (const root of ops) {
    if (placed.has(root)) continue;
    const stack = [{ op: root, next: 0 }];
    open.add(root);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (top.next === top.op.inputs.length) {
        stack.pop();
        open.delete(top.op);
        placed.add(top.op);
        order.push(top.op);
        continue;
      }
      const id = top.op.inputs[top.next++];
      const source = id === null || id === undefined ? undefined : writer.get(id);
      if (!source || placed.has(source)) continue;
      if (open.has(source)) {
        const path = stack.map(({ op }) => op);
        throw cycle(path.slice(path.indexOf(source)));
      }
      open.add(source);
      stack.push({ op: source, next: 0 });
    }
  }
  return order;
}
