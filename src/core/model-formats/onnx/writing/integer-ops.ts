/** Layers on codes as operators on integers, where there are any; others compute on real numbers between codes. */
import type { QuantParams, TensorId } from '../../../graph/graph';
import type { FusedActivation, Op } from '../../../graph/ops/attrs';
import type { AttributeValues, Codes, ModelWriter, Order } from './model';
import { codedBias, codedWeights, convolutionAttributes, FILTER_ORDER, type WeightStorage } from './weighted';

const CONTRIB = 'com.microsoft';

/** Adds the op as a node on integers; false where it has none. */
export function integerNode(w: ModelWriter, op: Op, storage: WeightStorage): boolean {
  const [output] = op.outputs;
  const [input] = op.inputs;
  if (output === undefined || !input || op.outputs.length > 1) return false;
  const result = w.options.codesOf(output);
  if (!result || result.type === 'int16' || !saturates(op.activation, result)) return false;
  if (op.inputs.some((id, i) => id !== null && i < 2 && !w.isConstant(id) && !w.options.codesOf(id))) return false;
  switch (op.kind) {
    case 'conv2d':
    case 'depthwiseConv2d': {
      if (storage.as !== 'codes' || storage.type !== 'int8') return false;
      const [codes, scale, zero] = codedWeights(w, op.inputs[1]!, FILTER_ORDER[op.kind], storage);
      const bias = codedBias(w, op, storage.params);
      const inputs = [...operand(w, input, 'nchw'), codes, scale, zero, ...w.parameters(output), bias];
      return put(w, output, 'nchw', w.node('QLinearConv', inputs, convolutionAttributes(w, op)));
    }
    case 'fullyConnected': {
      if (storage.as !== 'codes' || storage.type !== 'int8' || w.shape(input).length !== 2) return false;
      const [codes, scale, zero] = codedWeights(w, op.inputs[1]!, [0, 1], storage);
      const bias = codedBias(w, op, storage.params);
      const inputs = [...operand(w, input), codes, scale, zero, bias, ...w.parameters(output)];
      return put(w, output, 'nhwc', w.node('QGemm', inputs, { transB: 1 }, CONTRIB));
    }
    case 'add':
    case 'mul': {
      const [a, b] = op.inputs;
      if (!a || !b || w.isConstant(a) || w.isConstant(b)) return false;
      const order = orderOf(w, a);
      const inputs = [...operand(w, a, order), ...operand(w, b, order), ...w.parameters(output)];
      const opType = op.kind === 'add' ? 'QLinearAdd' : 'QLinearMul';
      return put(w, output, order, w.node(opType, inputs, {}, CONTRIB));
    }
    case 'sigmoid':
    case 'leakyRelu': {
      const order = orderOf(w, input);
      const attributes: AttributeValues = op.kind === 'leakyRelu' ? { alpha: { float: op.attrs.alpha } } : {};
      const opType = op.kind === 'leakyRelu' ? 'QLinearLeakyRelu' : 'QLinearSigmoid';
      const inputs = [...operand(w, input, order), ...w.parameters(output)];
      return put(w, output, order, w.node(opType, inputs, attributes, CONTRIB));
    }
    case 'reshape':
    case 'transpose':
      return moved(w, op, input, output, result.params);
    default:
      return false;
  }
}

/** What the codes of a result cannot express, they cut off: a fused activation whose range is theirs costs no node. */
function saturates(activation: FusedActivation, { type, params }: Codes): boolean {
  const [scale, zero] = [params.scale[0], params.zeroPoint[0]];
  const [low, high] = type === 'uint8' ? [0, 255] : [-128, 127];
  if (activation === 'none') return true;
  if (activation === 'relu') return zero === low;
  return activation === 'relu6' && zero === low && scale * (high - zero) <= 6 * (1 + 1e-6);
}

const orderOf = (w: ModelWriter, id: TensorId): Order =>
  w.shape(id).length === 4 && w.has(id, 'nchw') ? 'nchw' : 'nhwc';

/** Codes of an input, their scale and zero point. */
const operand = (w: ModelWriter, id: TensorId, order: Order = 'nhwc') => [w.codes(id, order)!, ...w.parameters(id)];

function put(w: ModelWriter, id: TensorId, order: Order, name: string): true {
  w.putCodes(id, order, name);
  return true;
}

/** Ops that only move codes do so as they are, where the result's mean the same. */
function moved(
  w: ModelWriter,
  op: Op<'reshape' | 'transpose'>,
  input: TensorId,
  output: TensorId,
  { scale, zeroPoint }: QuantParams,
): boolean {
  const from = w.options.codesOf(input)!.params;
  if (from.scale[0] !== scale[0] || from.zeroPoint[0] !== zeroPoint[0] || op.activation !== 'none') return false;
  const codes = w.codes(input)!;
  const name =
    op.kind === 'reshape'
      ? w.node('Reshape', [codes, w.integers([...op.attrs.shape])])
      : w.node('Transpose', [codes], { perm: op.attrs.permutation });
  return put(w, output, 'nhwc', name);
}
