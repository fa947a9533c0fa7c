import { RangefinderError } from '../../../base/errors';
import type { Pair } from '../../graph/ops/attrs';

/**
 * The `config` object of one Keras layer, read by key. Every accessor throws 'corrupt-file' naming the layer and the
 * setting when the value is missing or of the wrong kind, so translators need no checks of their own.
 */
export class Settings {
  constructor(
    readonly values: Readonly<Record<string, unknown>>,
    readonly layer: string,
  ) {}

  has(key: string): boolean {
    return this.values[key] !== undefined && this.values[key] !== null;
  }

  raw(key: string): unknown {
    return this.values[key];
  }

  number(key: string, fallback?: number): number {
    const value = unwrapNumpy(this.values[key]) ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.bad(key, 'a number');
    return value;
  }

  int(key: string, fallback?: number): number {
    const value = this.number(key, fallback);
    if (!Number.isInteger(value)) throw this.bad(key, 'a whole number');
    return value;
  }

  /** Some Keras releases write 0 and 1. */
  flag(key: string, fallback: boolean): boolean {
    const value = this.values[key] ?? fallback;
    if (value === 0 || value === 1) return value === 1;
    if (typeof value !== 'boolean') throw this.bad(key, 'true or false');
    return value;
  }

  text(key: string, fallback?: string): string {
    const value = this.values[key] ?? fallback;
    if (typeof value !== 'string') throw this.bad(key, 'a text');
    return value;
  }

  ints(key: string): number[] {
    const value = this.values[key];
    const list = typeof value === 'number' ? [value] : value;
    if (!Array.isArray(list) || !list.every(Number.isInteger)) throw this.bad(key, 'a list of whole numbers');
    return list as number[];
  }

  /** Dimensions of which one may be open: -1, or null as TensorFlow.js writes it. */
  shape(key: string): number[] {
    const value = this.values[key];
    const dims = Array.isArray(value) ? (value as unknown[]).map((d) => d ?? -1) : [];
    if (!dims.length || !dims.every((d) => Number.isInteger(d) && (d as number) >= -1)) throw this.bad(key, 'a shape');
    return dims as number[];
  }

  /** A scalar or one number per channel. */
  numbers(key: string): number[] {
    const value = unwrapNumpy(this.values[key]);
    const list = typeof value === 'number' ? [value] : Array.isArray(value) ? value.flat(Infinity) : [];
    if (!list.length || !list.every((v) => typeof v === 'number')) throw this.bad(key, 'a number or a list of numbers');
    return list;
  }

  /** [height, width]; a single number stands for both. */
  pair(key: string, fallback?: Pair): Pair {
    if (!this.has(key) && fallback) return fallback;
    const list = this.ints(key);
    if (list.length === 1) return [list[0], list[0]];
    if (list.length !== 2) throw this.bad(key, 'one or two whole numbers');
    return [list[0], list[1]];
  }

  /** First number of a value that one-dimensional layers write as 3 or [3]. */
  single(key: string, fallback?: number): number {
    if (!this.has(key) && fallback !== undefined) return fallback;
    const list = this.ints(key);
    if (list.length !== 1) throw this.bad(key, 'one whole number');
    return list[0];
  }

  bad(key: string, expected: string): RangefinderError {
    const found = JSON.stringify(this.values[key]) ?? 'nothing';
    return new RangefinderError({
      code: 'corrupt-file',
      message: `Layer "${this.layer}": setting "${key}" should be ${expected}, found ${found.slice(0, 80)}.`,
      where: this.layer,
      hint: 'Save the model again with Keras.',
    });
  }
}

/** NumPy values are written as {class_name, config: {value}} or {type, value}, depending on the release. */
function unwrapNumpy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { value: direct, config } = value as { value?: unknown; config?: { value?: unknown } };
  return direct ?? config?.value;
}
