/** Pooling and reductions. */
import type { OpAttrs } from '../../../graph/ops/attrs';
import {
  activationCode,
  axisOf,
  int8Version,
  paddingCode,
  paddingOf,
  positive,
  type OpRows,
  type SharedRow,
  type SourceOp,
} from './row';

type Pool = 'averagePool2d' | 'maxPool2d';
type Reduction = 'mean' | 'sum' | 'reduceMax' | 'reduceMin' | 'reduceProd' | 'reduceAny' | 'reduceAll';

export const POOLING: OpRows<Pool | Reduction> = {
  averagePool2d: pool('AVERAGE_POOL_2D'),
  maxPool2d: pool('MAX_POOL_2D'),
  mean: reduction('MEAN'),
  sum: reduction('SUM'),
  reduceMax: reduction('REDUCE_MAX'),
  reduceMin: reduction('REDUCE_MIN'),
  reduceProd: reduction('REDUCE_PROD'),
  reduceAny: reduction('REDUCE_ANY'),
  reduceAll: reduction('REDUCE_ALL'),
};

function pool(builtin: string): SharedRow<Pool> {
  const read = (op: SourceOp) => {
    const options = op.options('Pool2DOptions');
    const { filterH, filterW, strideH, strideW } = options;
    positive(op, 'window', filterH, filterW);
    positive(op, 'stride', strideH, strideW);
    return {
      attrs: {
        filter: [filterH, filterW],
        strides: [strideH, strideW],
        padding: paddingOf(op, options.padding),
      } satisfies OpAttrs[Pool],
      inputs: [op.input(0)],
      activation: op.activation(options.fusedActivation),
    };
  };
  return {
    read: { [builtin]: read },
    write: (op, target) => ({
      builtin,
      version: int8Version(op, target),
      options: {
        table: 'Pool2DOptions',
        fields: {
          padding: paddingCode(op.attrs.padding),
          strideH: op.attrs.strides[0],
          strideW: op.attrs.strides[1],
          filterH: op.attrs.filter[0],
          filterW: op.attrs.filter[1],
          fusedActivation: activationCode(op.activation),
        },
      },
      inputs: op.inputs,
    }),
  };
}

function reduction(builtin: string): SharedRow<Reduction> {
  const read = (op: SourceOp) => {
    const x = op.input(0);
    const axes = op.ints(1).map((axis) => axisOf(op, axis, x.shape.length));
    return {
      attrs: { axes: [...new Set(axes)].sort((a, b) => a - b), keepDims: op.options('ReducerOptions').keepDims },
      inputs: [x],
    };
  };
  return {
    read: { [builtin]: read },
    write: (op, target) => {
      const axes = Int32Array.from(op.attrs.axes);
      return {
        builtin,
        version: int8Version(op, target),
        options: { table: 'ReducerOptions', fields: { keepDims: op.attrs.keepDims } },
        inputs: [op.inputs[0]!, target.constant(`${op.id}/axes`, 'int32', axes, [axes.length])],
      };
    },
  };
}
