/** Integer grids and other formats under one name: what a simulation rounds tensors to. */
import { roundConstant, type ConstantFormat, type FormatGrid } from './format';
import { fakeQuantizeConstant, sameGrid, type ConstantGrid, type Grid } from './grid';

export type ActivationRounding = Grid | FormatGrid;
export type ConstantRounding = ConstantGrid | ConstantFormat;

export function isFormat<T extends object, F extends { readonly format: unknown }>(rounding: T | F): rounding is F {
  return 'format' in rounding;
}

export function roundedConstant(
  data: Float32Array,
  shape: readonly number[],
  rounding: ConstantRounding,
): Float32Array {
  return isFormat(rounding) ? roundConstant(data, shape, rounding) : fakeQuantizeConstant(data, shape, rounding);
}

export function sameConstantRounding(a: ConstantRounding | null, b: ConstantRounding | null): boolean {
  if (a === null || b === null || isFormat(a) !== isFormat(b)) return a === b;
  if (!isFormat(a) || !isFormat(b)) return sameGrid(a as ConstantGrid, b as ConstantGrid);
  return (
    a.format === b.format &&
    a.axis === b.axis &&
    a.block === b.block &&
    a.ranges.length === b.ranges.length &&
    a.ranges.every(({ min, max }, i) => min === b.ranges[i].min && max === b.ranges[i].max)
  );
}

export function sameActivationRounding(a: ActivationRounding, b: ActivationRounding): boolean {
  if (isFormat(a) || isFormat(b)) return isFormat(a) && isFormat(b) && a.format === b.format && a.scale === b.scale;
  return a.scale === b.scale && a.zeroPoint === b.zeroPoint && a.qmin === b.qmin && a.qmax === b.qmax;
}
