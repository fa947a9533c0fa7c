/** QuantizeLinear and DequantizeLinear: weights become float32 again, activations keep their rounding as ops. */
import { elementCount, type DType, type QuantParams, type TensorId } from '../../../graph/graph';
import { elementType, integerRange, isReal, realConstant, type Constant, type ElementType } from '../constant';
import type { OnnxNode } from '../node';
import type { OpRows } from './row';

/** Element type of the file → of the Graph. */
const DTYPES: Readonly<Record<string, DType>> = {
  INT4: 'int4',
  UINT4: 'uint4',
  INT8: 'int8',
  UINT8: 'uint8',
  INT16: 'int16',
  UINT16: 'uint16',
  INT32: 'int32',
};
/** What activations may be quantized to. */
const ACTIVATIONS: readonly DType[] = ['int8', 'uint8', 'int16', 'uint16'];

/** Scale and zero point of each value: one for all, one for each index along the axis, or one for each block along it. */
function parametersOf(node: OnnxNode, shape: readonly number[]) {
  const scale = node.known(1, 'scale');
  const zeroPoint = node.has(2) ? node.known(2, 'zero point') : undefined;
  const block = node.attrs.int('block_size', 0);
  if (block !== 0) return blockParameters(node, shape, block, scale, zeroPoint);
  const single = scale.values.length === 1;
  const axis = single ? 0 : node.axis(node.attrs.int('axis', 1), shape.length);
  const inner = elementCount(shape.slice(axis + 1));
  if (!single && scale.values.length !== shape[axis]) node.refuse('its scales do not fit its input');
  const channel = (i: number) => (single ? 0 : Math.floor(i / inner) % scale.values.length);
  return { scale, zeroPoint, channel, single, axis, blocked: false };
}

/** Parameters whose shape is that of the values, but for the axis, where each stands for a block of them. */
function blockParameters(
  node: OnnxNode,
  shape: readonly number[],
  block: number,
  scale: Constant,
  zeroPoint: Constant | undefined,
) {
  const axis = node.axis(node.attrs.int('axis', 1), shape.length);
  const blocks = Math.ceil(shape[axis] / block);
  if (block < 1 || scale.shape.join() !== shape.with(axis, blocks).join())
    node.refuse('its scales do not fit its input');
  const inner = elementCount(shape.slice(axis + 1));
  const channel = (i: number) => {
    const [outer, along] = [Math.floor(i / inner / shape[axis]), Math.floor(i / inner) % shape[axis]];
    return (outer * blocks + Math.floor(along / block)) * inner + (i % inner);
  };
  return { scale, zeroPoint, channel, single: false, axis, blocked: true };
}

function dequantizedConstant(node: OnnxNode, x: Constant): Constant {
  const { scale, zeroPoint, channel, axis, blocked } = parametersOf(node, x.shape);
  node.note('quantized weights turned into float32');
  const zeroOf = zeroPoint?.values.length === 1 ? () => zeroPoint.values[0] : (c: number) => zeroPoint?.values[c] ?? 0;
  const values = Float32Array.from(x.values, (q, i) => (q - zeroOf(channel(i))) * scale.values[channel(i)]);
  const dtype = DTYPES[x.type];
  if (blocked || !dtype) return realConstant(x.shape, values);
  const quant: QuantParams = {
    scale: Float32Array.from(scale.values),
    zeroPoint: Int32Array.from(scale.values, (_, c) => zeroOf(c)),
    quantizedDimension: axis,
  };
  return { ...realConstant(x.shape, values), storedAs: { dtype, quant } };
}

function roundHalfToEven(v: number): number {
  const floor = Math.floor(v);
  const rest = v - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

function quantizedConstant(node: OnnxNode, x: Constant): Constant {
  const { scale, zeroPoint, channel } = parametersOf(node, x.shape);
  const type = typeOf(node, zeroPoint);
  const [low, high] = integerRange(type) ?? node.refuse(`it quantizes to ${type}`);
  const values = Float64Array.from(x.values, (v, i) => {
    const q = roundHalfToEven(Math.fround(v / scale.values[channel(i)])) + (zeroPoint?.values[channel(i)] ?? 0);
    return Math.min(Math.max(q, low), high);
  });
  return { type, shape: x.shape, values };
}

/** The type of the codes: the zero point's, else the one that is asked for, else bytes. */
function typeOf(node: OnnxNode, zeroPoint: Constant | undefined): ElementType {
  return zeroPoint?.type ?? elementType(node.attrs.int('output_dtype', 0)) ?? 'UINT8';
}

/**
 * Values that are real already, as of a tensor that is quantized while the model runs, are handed on. Where the node has
 * other parameters than the codes were made with, as arithmetic on bare codes has (a scale of 1), the real values are moved
 * to what the node makes of the codes: scale × (code − zero point).
 */
function dequantizeActivation(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  if (node.typeOf(x) === 'float32') return x;
  const own = node.quantOf(x);
  const [scale, zeroPoint] = [node.constant(1)?.values, node.has(2) ? node.constant(2)?.values : [0]];
  const single = own?.scale.length === 1 && scale?.length === 1 && zeroPoint?.length === 1;
  const factor = single ? scale[0] / own.scale[0] : 1;
  const offset = single ? scale[0] * (own.zeroPoint[0] - zeroPoint[0]) : 0;
  if (factor === 1 && offset === 0) return node.op('dequantize', [x], {});
  const real = node.step('real', 'dequantize', [x], {});
  if (offset === 0) return node.op('mul', [real, node.number(factor)], {});
  const scaled = node.step('scaled', 'mul', [real, node.number(factor)], {});
  return node.op('add', [scaled, node.fixed(`${node.name}/offset`, [offset], [])], {});
}

function quantize(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const { scale, zeroPoint, single } = parametersOf(node, node.shapeOf(x));
  if (!single) node.refuse('it quantizes an activation by channel or block');
  const type = typeOf(node, zeroPoint);
  const dtype = DTYPES[type];
  if (!dtype || !ACTIVATIONS.includes(dtype)) return node.refuse(`it quantizes to ${type}`);
  const quant: QuantParams = {
    scale: Float32Array.of(scale.values[0]),
    zeroPoint: Int32Array.of(zeroPoint?.values[0] ?? 0),
    quantizedDimension: 0,
  };
  return node.op('quantize', [x], {}, { dtype, quant });
}

export const QUANTIZATION_OPS: OpRows = {
  QuantizeLinear: {
    layout: 'any',
    fold: (node) => quantizedConstant(node, node.known(0, 'input')),
    translate: quantize,
  },
  DequantizeLinear: {
    layout: 'any',
    fold: (node) => {
      const x = node.known(0, 'input');
      return isReal(x.type) ? node.refuse('its input is not quantized') : dequantizedConstant(node, x);
    },
    translate: dequantizeActivation,
  },
};
