/** Numbers among the arguments of a call. */
import { elementCount } from '../../../graph/graph';

interface Numbers {
  readonly values: readonly number[];
  readonly shape: readonly number[];
}

/** A number, a list of lists of them, or one in the wrapping of NumPy or a tensor; null for anything else. */
export function valuesOf(value: unknown): Numbers | null {
  const list = unwrapped(value);
  const shape: number[] = [];
  for (let inner: unknown = list; Array.isArray(inner); inner = inner[0] as unknown) shape.push(inner.length);
  const values = [list].flat(Infinity);
  const even = values.length === elementCount(shape) && isEven(list, shape, 0);
  return even && values.every((v): v is number => typeof v === 'number' && Number.isFinite(v))
    ? { values, shape }
    : null;
}

function unwrapped(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { config } = value as { config?: { value?: unknown } };
  return config?.value;
}

function isEven(list: unknown, shape: readonly number[], depth: number): boolean {
  if (depth === shape.length) return !Array.isArray(list);
  return Array.isArray(list) && list.length === shape[depth] && list.every((inner) => isEven(inner, shape, depth + 1));
}
