/** Convolutions, the fully connected layer and matrix products. */
import type { Tensor } from '../../../graph/graph';
import type { Op } from '../../../graph/ops/attrs';
import { tensorType } from '../schema/enums';
import {
  activationCode,
  isInt8,
  paddingCode,
  paddingOf,
  positive,
  type Operand,
  type OpRows,
  type SourceOp,
  type Target,
} from './row';

type Weighted = Op<'conv2d' | 'depthwiseConv2d' | 'transposeConv2d' | 'fullyConnected'>;

export const WEIGHTED: OpRows<Weighted['kind'] | 'batchMatMul'> = {
  conv2d: {
    read: {
      CONV_2D: (op) => {
        const options = op.options('Conv2DOptions');
        const [x, filter] = [rank4(op, 0), rank4(op, 1)];
        const { strideH, strideW, dilationH, dilationW } = options;
        positive(op, 'stride', strideH, strideW);
        positive(op, 'dilation', dilationH, dilationW);
        return {
          attrs: {
            strides: [strideH, strideW],
            padding: paddingOf(op, options.padding),
            dilations: [dilationH, dilationW],
            groups: ratio(op, x.shape[3], filter.shape[3], 'input channels', "the filter's"),
          },
          inputs: [x, filter, op.optional(2)],
          activation: op.activation(options.fusedActivation),
        };
      },
    },
    write: (op, target) => ({
      builtin: 'CONV_2D',
      version: hasInt4Weights(op, target) ? 7 : op.attrs.groups > 1 ? 6 : isInt8(op, target) ? 3 : 1,
      options: {
        table: 'Conv2DOptions',
        fields: {
          padding: paddingCode(op.attrs.padding),
          strideH: op.attrs.strides[0],
          strideW: op.attrs.strides[1],
          dilationH: op.attrs.dilations[0],
          dilationW: op.attrs.dilations[1],
          fusedActivation: activationCode(op.activation),
          ...biasType(op, target),
        },
      },
      inputs: [op.inputs[0]!, op.inputs[1]!, bias(op, target, 0)],
    }),
  },

  depthwiseConv2d: {
    read: {
      DEPTHWISE_CONV_2D: (op) => {
        const options = op.options('DepthwiseConv2DOptions');
        const [x, filter] = [rank4(op, 0), rank4(op, 1)];
        const { strideH, strideW, dilationH, dilationW } = options;
        positive(op, 'stride', strideH, strideW);
        positive(op, 'dilation', dilationH, dilationW);
        return {
          attrs: {
            strides: [strideH, strideW],
            padding: paddingOf(op, options.padding),
            dilations: [dilationH, dilationW],
            multiplier: ratio(op, filter.shape[3], x.shape[3], 'filter channels', "the input's"),
          },
          inputs: [x, filter, op.optional(2)],
          activation: op.activation(options.fusedActivation),
        };
      },
    },
    write: (op, target) => ({
      builtin: 'DEPTHWISE_CONV_2D',
      version: hasInt4Weights(op, target)
        ? 7
        : isInt8(op, target)
          ? 3
          : op.attrs.dilations.some((d) => d !== 1)
            ? 2
            : 1,
      options: {
        table: 'DepthwiseConv2DOptions',
        fields: {
          padding: paddingCode(op.attrs.padding),
          strideH: op.attrs.strides[0],
          strideW: op.attrs.strides[1],
          depthMultiplier: op.attrs.multiplier,
          dilationH: op.attrs.dilations[0],
          dilationW: op.attrs.dilations[1],
          fusedActivation: activationCode(op.activation),
        },
      },
      inputs: [op.inputs[0]!, op.inputs[1]!, bias(op, target, 3)],
    }),
  },

  transposeConv2d: {
    read: {
      TRANSPOSE_CONV: (op) => {
        const options = op.options('TransposeConvOptions');
        const [filter, x] = [rank4(op, 1), rank4(op, 2)];
        const size = op.knownInts(0) ?? op.declaredOutput;
        const [, height, width] = size;
        if (size.length !== 4) throw op.corrupt('has an output shape that is not 4-dimensional');
        positive(op, 'output size', height, width);
        positive(op, 'stride', options.strideH, options.strideW);
        return {
          attrs: {
            strides: [options.strideH, options.strideW],
            padding: paddingOf(op, options.padding),
            outputSize: [height, width],
          },
          inputs: [x, filter, op.optional(3)],
          activation: op.activation(options.fusedActivation),
        };
      },
    },
    write: (op, target) => {
      const { strides, padding } = op.attrs;
      const outputShape = Int32Array.from(target.fileShape(op.outputs[0]));
      return {
        builtin: 'TRANSPOSE_CONV',
        version: op.activation === 'none' ? 3 : 4,
        options: {
          table: 'TransposeConvOptions',
          fields: {
            padding: paddingCode(padding),
            strideH: strides[0],
            strideW: strides[1],
            fusedActivation: activationCode(op.activation),
            ...biasType(op, target),
          },
        },
        inputs: [
          target.constant(`${op.id}/output_shape`, 'int32', outputShape, [4]),
          op.inputs[1]!,
          op.inputs[0]!,
          bias(op, target, 0),
        ],
      };
    },
  },

  fullyConnected: {
    read: {
      FULLY_CONNECTED: (op) => {
        const options = op.options('FullyConnectedOptions');
        if (options.weightsFormat !== 0) throw op.unsupported('shuffled weights');
        const weights = op.input(1);
        if (weights.shape.length !== 2) throw op.corrupt('has weights that are not a matrix');
        return {
          attrs: { keepDims: options.keepNumDims },
          inputs: [op.input(0), weights, op.optional(2)],
          activation: op.activation(options.fusedActivation),
        };
      },
    },
    write: (op, target) => ({
      builtin: 'FULLY_CONNECTED',
      version: hasInt4Weights(op, target) ? 10 : op.attrs.keepDims ? 5 : isInt8(op, target) ? 4 : 1,
      options: {
        table: 'FullyConnectedOptions',
        fields: {
          keepNumDims: op.attrs.keepDims,
          fusedActivation: activationCode(op.activation),
          ...biasType(op, target),
          ...(isHybrid(op, target) && { asymmetricInputs: true }),
        },
      },
      inputs: [op.inputs[0]!, op.inputs[1]!, bias(op, target, 0)],
    }),
  },

  batchMatMul: {
    read: {
      BATCH_MATMUL: (op) => {
        const { adjX, adjY } = op.options('BatchMatMulOptions');
        return { attrs: { transposeX: adjX, transposeY: adjY }, inputs: [op.input(0), op.input(1)] };
      },
    },
    write: (op, target) => ({
      builtin: 'BATCH_MATMUL',
      version: isInt8(op, target) ? 2 : 1,
      options: {
        table: 'BatchMatMulOptions',
        fields: { adjX: op.attrs.transposeX, adjY: op.attrs.transposeY },
      },
      inputs: op.inputs,
    }),
  },
};

/** Float activations, which the kernel rounds as it runs, beside integer weights. */
function isHybrid(op: Weighted, target: Target): boolean {
  const [x, weights] = [target.tensor(op.inputs[0]!), target.tensor(op.inputs[1]!)];
  return x.dtype === 'float32' && weights.dtype !== 'float32';
}

/** Kernels of 16-bit activations are told that their bias has 64 bits. */
function biasType(op: Weighted, target: Target): { quantizedBiasType?: number } {
  return target.tensor(op.inputs[0]!).dtype === 'int16' ? { quantizedBiasType: tensorType('int64') } : {};
}

function rank4(op: SourceOp, index: number): Tensor {
  const tensor = op.input(index);
  if (tensor.shape.length !== 4) throw op.corrupt(`has input ${index} of rank ${tensor.shape.length} instead of 4`);
  return tensor;
}

function ratio(op: SourceOp, a: number, b: number, what: string, of: string): number {
  if (!(b > 0) || a < b || a % b !== 0) throw op.corrupt(`has ${a} ${what}, not a multiple of ${of} ${b}`);
  return a / b;
}

function hasInt4Weights(op: Weighted, target: Target): boolean {
  return target.tensor(op.inputs[1]!).dtype === 'int4';
}

/** The bias, or zeros where the op has none: LiteRT and XNNPACK want one on every convolution and int8 matrix. */
function bias(op: Weighted, target: Target, outputAxis: number): Operand {
  const given = op.inputs[2];
  if (typeof given === 'string') return given;
  const filter = target.tensor(op.inputs[1]!);
  const channels = filter.shape[outputAxis];
  const name = `${op.id}/bias`;
  const x = target.tensor(op.inputs[0]!);
  if (x.dtype === 'float32') return target.constant(name, 'float32', new Float32Array(channels), [channels]);
  const scaleOfX = x.quant!.scale[0];
  const scale = filter.quant!.scale.map((s) => s * scaleOfX);
  const quant = { scale, zeroPoint: new Int32Array(scale.length), quantizedDimension: 0 };
  const like: Tensor = { id: name, dtype: 'int32', shape: [channels], quant };
  return target.constant(name, 'int32', new Int32Array(channels), [channels], like);
}
