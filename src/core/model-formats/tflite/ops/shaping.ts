/** Ops that move or copy values: concatenate, reshape, pad, transpose, slice, split, space and depth. */
import { BATCH, type Tensor } from '../../../graph/graph';
import type { Pair } from '../../../graph/ops/attrs';
import {
  activationCode,
  axisOf,
  int8Version,
  positive,
  type OpRows,
  type SharedRow,
  type ReadOp,
  type SourceOp,
} from './row';
import { resolveReshape } from './reshape';

type Block = 'spaceToDepth' | 'depthToSpace';

export const SHAPING: OpRows<'concat' | 'reshape' | 'pad' | 'transpose' | 'split' | Block> = {
  concat: {
    read: {
      CONCATENATION: (op) => {
        const options = op.options('ConcatenationOptions');
        const inputs = Array.from({ length: op.inputCount }, (_, i) => op.input(i));
        if (inputs.length === 0) throw op.corrupt('has no inputs');
        return {
          attrs: { axis: axisOf(op, options.axis, inputs[0].shape.length) },
          inputs,
          activation: op.activation(options.fusedActivation),
        };
      },
    },
    write: (op, target) => ({
      builtin: 'CONCATENATION',
      version: int8Version(op, target),
      options: {
        table: 'ConcatenationOptions',
        fields: { axis: op.attrs.axis, fusedActivation: activationCode(op.activation) },
      },
      inputs: op.inputs,
    }),
  },

  reshape: {
    read: {
      RESHAPE: (op) => {
        const given = op.knownInts(1) ?? op.options('ReshapeOptions').newShape ?? op.declaredOutput;
        return reshape(op, op.input(0), [...given]);
      },
      SQUEEZE: (op) => {
        const x = op.input(0);
        const named = [...(op.options('SqueezeOptions').squeezeDims ?? [])];
        const dropped = new Set(named.map((axis) => axisOf(op, axis, x.shape.length)));
        const drop = (axis: number) => (named.length > 0 ? dropped.has(axis) : x.shape[axis] === 1);
        return reshape(
          op,
          x,
          x.shape.filter((_, axis) => !drop(axis)),
        );
      },
      EXPAND_DIMS: (op) => {
        const x = op.input(0);
        const [axis] = op.ints(1);
        return reshape(op, x, x.shape.toSpliced(axisOf(op, axis ?? NaN, x.shape.length + 1), 0, 1));
      },
    },
    write: (op, target) => {
      const shape = Int32Array.from(target.dynamicShape(op.outputs[0]));
      return {
        builtin: 'RESHAPE',
        version: 1,
        options: { table: 'ReshapeOptions', fields: { newShape: shape } },
        inputs: [op.inputs[0]!, target.constant(`${op.id}/shape`, 'int32', shape, [shape.length])],
      };
    },
  },

  pad: {
    read: {
      PAD: (op) => ({ attrs: { paddings: paddings(op), value: 0 }, inputs: [op.input(0)] }),
      PADV2: (op) => ({ attrs: { paddings: paddings(op), value: realScalar(op, 2) }, inputs: [op.input(0)] }),
    },
    write: (op, target) => {
      const flat = Int32Array.from(op.attrs.paddings.flat());
      const pairs = target.constant(`${op.id}/paddings`, 'int32', flat, [op.attrs.paddings.length, 2]);
      const version = op.attrs.paddings.length > 4 ? 4 : int8Version(op, target);
      const x = target.tensor(op.inputs[0]!);
      if (op.attrs.value === 0)
        return {
          builtin: 'PAD',
          version,
          options: { table: 'PadOptions', fields: {} },
          inputs: [op.inputs[0]!, pairs],
        };
      const stored = x.dtype === 'int8' ? Int8Array.of(quantized(op.attrs.value, x)) : Float32Array.of(op.attrs.value);
      return {
        builtin: 'PADV2',
        version,
        options: { table: 'PadV2Options', fields: {} },
        inputs: [op.inputs[0]!, pairs, target.constant(`${op.id}/value`, x.dtype, stored, [1], x)],
      };
    },
  },

  transpose: {
    read: {
      TRANSPOSE: (op) => {
        const x = op.input(0);
        return { attrs: { permutation: op.ints(1).map((axis) => axisOf(op, axis, x.shape.length)) }, inputs: [x] };
      },
    },
    write: (op, target) => {
      const permutation = Int32Array.from(op.attrs.permutation);
      const rank = permutation.length;
      return {
        builtin: 'TRANSPOSE',
        version: rank > 5 ? 6 : rank > 4 ? 4 : int8Version(op, target),
        options: { table: 'TransposeOptions', fields: {} },
        inputs: [op.inputs[0]!, target.constant(`${op.id}/permutation`, 'int32', permutation, [rank])],
      };
    },
  },

  split: {
    read: {
      SPLIT: (op) => {
        const x = op.input(1);
        const axis = axisOf(op, op.ints(0)[0] ?? NaN, x.shape.length);
        const each = x.shape[axis] / op.outputCount;
        positive(op, 'a part of size', each);
        return { attrs: { axis, sizes: new Array<number>(op.outputCount).fill(each) }, inputs: [x] };
      },
      SPLIT_V: (op) => {
        const x = op.input(0);
        const axis = axisOf(op, op.ints(2)[0] ?? NaN, x.shape.length);
        const sizes = op.ints(1);
        const known = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
        return { attrs: { axis, sizes: sizes.map((size) => (size < 0 ? x.shape[axis] - known : size)) }, inputs: [x] };
      },
    },
    write: (op, target) => {
      const { axis, sizes } = op.attrs;
      const where = target.constant(`${op.id}/axis`, 'int32', Int32Array.of(axis), []);
      if (sizes.every((size) => size === sizes[0]))
        return {
          builtin: 'SPLIT',
          version: int8Version(op, target),
          options: { table: 'SplitOptions', fields: { numSplits: sizes.length } },
          inputs: [where, op.inputs[0]!],
        };
      const parts = target.constant(`${op.id}/sizes`, 'int32', Int32Array.from(sizes), [sizes.length]);
      return {
        builtin: 'SPLIT_V',
        version: int8Version(op, target),
        options: { table: 'SplitVOptions', fields: { numSplits: sizes.length } },
        inputs: [op.inputs[0]!, parts, where],
      };
    },
  },

  spaceToDepth: block('SPACE_TO_DEPTH', 'SpaceToDepthOptions'),
  depthToSpace: block('DEPTH_TO_SPACE', 'DepthToSpaceOptions'),
};

function reshape(op: SourceOp, x: Tensor, shape: readonly number[]): ReadOp<'reshape'> {
  if (shape.some((d) => !Number.isInteger(d) || d < BATCH)) throw op.corrupt(`reshapes to [${shape.join(', ')}]`);
  return { attrs: { shape: resolveReshape(x.shape, shape) }, inputs: [x] };
}

function paddings(op: SourceOp): Pair[] {
  const rank = op.input(0).shape.length;
  const flat = op.ints(1);
  if (flat.length !== 2 * rank || flat.some((p) => p < 0)) throw op.corrupt(`has paddings [${flat.join(', ')}]`);
  return Array.from({ length: rank }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}

/** The real value of a constant scalar. */
function realScalar(op: SourceOp, index: number): number {
  const { data, quant } = op.input(index);
  if (!data || data.length !== 1) throw op.unsupported('a padding value that is not a constant');
  const stored = Number(data[0]);
  return quant ? quant.scale[0] * (stored - quant.zeroPoint[0]) : stored;
}

function quantized(value: number, { quant }: Tensor): number {
  return Math.max(-128, Math.min(127, Math.round(value / quant!.scale[0]) + quant!.zeroPoint[0]));
}

function block(builtin: string, table: 'SpaceToDepthOptions' | 'DepthToSpaceOptions'): SharedRow<Block> {
  return {
    read: {
      [builtin]: (op) => {
        const { blockSize } = op.options(table);
        positive(op, 'block size', blockSize);
        return { attrs: { blockSize }, inputs: [op.input(0)] };
      },
    },
    write: (op, target) => ({
      builtin,
      version: int8Version(op, target),
      options: { table, fields: { blockSize: op.attrs.blockSize } },
      inputs: op.inputs,
    }),
  };
}
