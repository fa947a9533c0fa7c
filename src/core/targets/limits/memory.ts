/** Whether the file and what it computes fit on the device: checked against what a person says the device has. */
import type { FileFacts, TensorFacts } from '../file-facts';
import type { FileConstraint } from '../target';

const KB = 1024;

const kilobytes = (bytes: number) => `${(bytes / KB).toFixed(1)} KiB`;

const BYTES = new Map([
  ['float32', 4],
  ['int32', 4],
  ['int16', 2],
  ['float16', 2],
  ['int64', 8],
  ['float64', 8],
  ['int4', 0.5],
]);

function bytesOf({ shape, type }: TensorFacts): number {
  return Math.ceil(shape.reduce((product, size) => product * Math.abs(size), 1) * (BYTES.get(type) ?? 1));
}

/**
 * Bytes of the activations that live at one time, at their most: a lower bound of any planner's arena, which adds alignment and
 * the kernels' own buffers.
 */
export function leastArena(file: FileFacts): number {
  const lastUse = new Map<TensorFacts, number>();
  const end = file.operators.length;
  file.operators.forEach((op, at) => op.inputs.forEach((tensor) => tensor && lastUse.set(tensor, at)));
  file.outputs.forEach((tensor) => lastUse.set(tensor, end));
  let live = file.inputs.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  let most = live;
  file.operators.forEach((op, at) => {
    live += op.outputs.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
    most = Math.max(most, live);
    const read = new Set(op.inputs.filter((tensor) => tensor !== null && !tensor.constant));
    for (const tensor of read) if (tensor && lastUse.get(tensor) === at) live -= bytesOf(tensor);
  });
  return most;
}

export const MEMORY: readonly FileConstraint[] = [
  {
    rule: 'memory/flash',
    severity: 'error',
    source: 'the size of the file',
    check: (file, { flashBytes }) =>
      flashBytes !== undefined && file.bytes > flashBytes
        ? `The file has ${kilobytes(file.bytes)}; the budget is ${kilobytes(flashBytes)}.`
        : null,
  },
  {
    rule: 'memory/arena',
    severity: 'error',
    source: 'activations that live at one time, a lower bound',
    check: (file, { arenaBytes }) => {
      const least = leastArena(file);
      return arenaBytes !== undefined && least > arenaBytes
        ? `Activations take at least ${kilobytes(least)}; the budget is ${kilobytes(arenaBytes)}.`
        : null;
    },
  },
];
