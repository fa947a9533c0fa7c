/** Constants, shapes of tensors as values, and ops that hand their input on. */
import { elementCount, type DType } from '../../../graph/graph';
import { integerConstant, isReal, elementType, realConstant, type Constant, type ElementType } from '../constant';
import { isConstantValue, type OnnxNode, type Value } from '../node';
import type { OpRow, OpRows } from './row';

const WHOLE: readonly DType[] = ['bool', 'int32', 'int64'];
const WHOLE_NOTE = 'whole numbers are computed in 32 bits; the file has 64';

const handOn: OpRow = { layout: 'any', translate: (node) => node.value(0) };

function constant(node: OnnxNode): Constant {
  const { attrs } = node;
  const tensor = attrs.tensor('value');
  if (tensor) return tensor;
  if (attrs.has('value_float')) return realConstant([], [attrs.float('value_float', 0)]);
  if (attrs.has('value_int')) return integerConstant([], [attrs.int('value_int', 0)]);
  const [floats, ints] = [attrs.floats('value_floats'), attrs.ints('value_ints')];
  if (floats) return realConstant([floats.length], floats);
  if (ints) return integerConstant([ints.length], ints);
  return node.refuse('its value is sparse or a text');
}

function constantOfShape(node: OnnxNode): Constant {
  const shape = [...node.known(0, 'shape').values];
  const value = node.attrs.tensor('value') ?? realConstant([1], [0]);
  const values = new Float64Array(node.checkCount(shape)).fill(value.values[0]);
  return isReal(value.type) ? realConstant(shape, values) : { type: value.type, shape, values };
}

/** Ones on a diagonal of zeros, of the shape of its input. */
function eyeLike(node: OnnxNode): Constant {
  const shape = node.shape(0);
  const [rows = 0, columns = 0] = shape;
  const values = new Float64Array(node.checkCount(shape));
  const offset = node.attrs.int('k', 0);
  for (let i = Math.max(0, -offset); i < Math.min(rows, columns - offset); i++) values[i * columns + i + offset] = 1;
  const value = node.value(0);
  const own = isConstantValue(value) ? value.type : node.typeOf(value) === 'float32' ? 'FLOAT' : 'INT64';
  const type = node.attrs.has('dtype') ? elementType(node.attrs.int('dtype', 0)) : own;
  if (!type) return node.refuse('it is of a type Rangefinder does not read');
  return isReal(type) ? realConstant(shape, values) : { type, shape, values };
}

function range(node: OnnxNode): Constant {
  const [start, limit, delta] = [0, 1, 2].map((i) => node.known(i, 'range').values[0]);
  const count = Math.max(Math.ceil((limit - start) / delta), 0);
  node.checkCount([count]);
  const values = Array.from({ length: count }, (_, i) => start + i * delta);
  return isReal(node.known(0, 'range').type) ? realConstant([count], values) : integerConstant([count], values);
}

function shapeOf(node: OnnxNode): Constant {
  const shape = node.shape(0);
  const position = (v: number) => Math.min(Math.max(v < 0 ? v + shape.length : v, 0), shape.length);
  const part = shape.slice(position(node.attrs.int('start', 0)), position(node.attrs.int('end', shape.length)));
  return integerConstant([part.length], part);
}

function castTo(node: OnnxNode, type: ElementType): Value {
  const x = node.value(0);
  if (isConstantValue(x)) {
    if (isReal(type)) return realConstant(x.shape, x.values);
    const whole = Float64Array.from(x.values, (v) => (type === 'BOOL' ? Number(v !== 0) : Math.trunc(v)));
    return { type, shape: x.shape, values: whole };
  }
  const from = node.typeOf(x);
  if (from !== 'float32' && !WHOLE.includes(from)) node.refuse('it casts quantized values');
  if (isReal(type)) {
    if (type === 'FLOAT16' || type === 'BFLOAT16') node.note('computations in half precision are done in float32');
    return from === 'float32' ? x : node.op('cast', [x], { to: 'float32' });
  }
  if (type === 'BOOL') {
    if (from === 'bool') return x;
    const zero = from === 'float32' ? node.number(0) : node.indices(`${node.name}/zero`, [0], []);
    return node.op('notEqual', [x, zero], {});
  }
  if (type !== 'INT32' && type !== 'INT64') node.refuse(`it casts to ${type}`);
  if (type === 'INT64') node.note(WHOLE_NOTE);
  return from === 'int32' ? x : node.op('cast', [x], { to: 'int32' });
}

function cast(node: OnnxNode): Value {
  const type = elementType(node.attrs.int('to', 0));
  return castTo(node, type ?? node.refuse('it casts to a type Rangefinder does not read'));
}

/** To the type of the second input: computed values are real numbers. */
function castLike(node: OnnxNode): Value {
  return castTo(node, node.constant(1)?.type ?? 'FLOAT');
}

function dropout(node: OnnxNode): Value {
  const training = node.has(2) && node.constant(2)?.values[0] !== 0;
  if (training) node.refuse('it is in training mode; export the model in evaluation mode');
  return node.value(0);
}

export const VALUE_OPS: OpRows = {
  Constant: { fold: constant },
  ConstantOfShape: { fold: constantOfShape },
  Range: { fold: range },
  EyeLike: { layout: 'any', translate: eyeLike },
  Shape: { layout: 'any', translate: shapeOf },
  Size: { layout: 'any', translate: (node) => integerConstant([], [elementCount(node.shape(0))]) },
  Identity: handOn,
  Cast: { layout: 'any', translate: cast },
  CastLike: { layout: 'any', translate: castLike },
  Dropout: { layout: 'any', translate: dropout },
};
