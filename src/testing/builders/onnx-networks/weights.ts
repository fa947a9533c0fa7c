/** Repeatable weights of test networks, and short forms of what their nodes repeat. */
import { testValues } from '../../oracles/naive/compare';
import type { OnnxModel } from '../onnx-writer';

export type Weights = Record<
  string,
  readonly [readonly number[], Float32Array | BigInt64Array | Int8Array | Uint8Array]
>;

let seed = 1;
export function weight(dims: readonly number[], scale = 0.5): readonly [readonly number[], Float32Array] {
  const values = testValues(
    dims.reduce((n, d) => n * d, 1),
    seed++,
  );
  return [dims, values.map((v) => v * scale)];
}
export const positive = (dims: readonly number[]): readonly [readonly number[], Float32Array] => {
  const [, values] = weight(dims);
  return [dims, values.map((v) => Math.abs(v) + 0.5)];
};
export const ints = (...values: number[]): readonly [readonly number[], BigInt64Array] => [
  [values.length],
  BigInt64Array.from(values, BigInt),
];
export const scalar = (value: number): readonly [readonly number[], Float32Array] => [[], Float32Array.of(value)];
export const index = (value: number): readonly [readonly number[], BigInt64Array] => [
  [],
  BigInt64Array.of(BigInt(value)),
];
export const norm = (name: string, channels: number): Weights => ({
  [`${name}.gamma`]: positive([channels]),
  [`${name}.beta`]: weight([channels]),
  [`${name}.mean`]: weight([channels]),
  [`${name}.var`]: positive([channels]),
});
export const normInputs = (x: string, name: string) => `${x} ${name}.gamma ${name}.beta ${name}.mean ${name}.var`;
export const k3 = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

export interface Network extends OnnxModel {
  /** Transposes that have to remain, for instance because the model itself asks for them. */
  readonly transposes?: number;
}

export type Networks = Readonly<Record<string, Network>>;
