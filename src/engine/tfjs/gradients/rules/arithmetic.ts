/** Operations on two tensors of which either may be broadcast. */
import {
  cast,
  div as tfDiv,
  floor,
  greater,
  greaterEqual,
  lessEqual,
  log,
  logicalOr,
  matMul,
  mul as tfMul,
  neg,
  notEqual,
  pow as tfPow,
  square,
  sub as tfSub,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { sumTo } from '../sums';
import { zeroUnless, type Rule } from './rule';

type Operands =
  'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'pow' | 'squaredDifference' | 'floorMod' | 'batchMatMul';
type Part<K extends Operands> = (dy: Tensor, a: Tensor, b: Tensor, step: Parameters<Rule<K>>[0]) => Tensor;

/** A rule of two parts; what broadcasting repeated is summed. */
function binary<K extends Operands>(first: Part<K>, second: Part<K>): Rule<K> {
  return (step) => {
    const [dy, a, b] = [step.dys[0]!, step.inputs[0]!, step.inputs[1]!];
    return [
      step.wanted[0] ? sumTo(first(dy, a, b, step), a.shape) : null,
      step.wanted[1] ? sumTo(second(dy, a, b, step), b.shape) : null,
    ];
  };
}

const real = (mask: Tensor) => cast(mask, 'float32');

export const add = binary<'add'>(
  (dy) => dy,
  (dy) => dy,
);
export const sub = binary<'sub'>(
  (dy) => dy,
  (dy) => neg(dy),
);
export const mul = binary<'mul'>(
  (dy, _a, b) => tfMul(dy, b),
  (dy, a) => tfMul(dy, a),
);
export const div = binary<'div'>(
  (dy, _a, b) => zeroUnless(notEqual(b, 0), tfDiv(dy, b)),
  (dy, a, b) => zeroUnless(notEqual(b, 0), neg(tfDiv(tfMul(dy, a), square(b)))),
);
/** Of equals the first counts. */
export const maximum = binary<'maximum'>(
  (dy, a, b) => tfMul(dy, real(greaterEqual(a, b))),
  (dy, a, b) => tfMul(dy, tfSub(1, real(greaterEqual(a, b)))),
);
export const minimum = binary<'minimum'>(
  (dy, a, b) => tfMul(dy, real(lessEqual(a, b))),
  (dy, a, b) => tfMul(dy, tfSub(1, real(lessEqual(a, b)))),
);
/** At zero a power below the first has a pole. */
const isDifferentiable = (a: Tensor, b: Tensor) => logicalOr(notEqual(a, 0), greaterEqual(b, 1));

export const pow = binary<'pow'>(
  (dy, a, b) => zeroUnless(isDifferentiable(a, b), tfMul(dy, tfMul(b, tfPow(a, tfSub(b, 1))))),
  (dy, a, b) => zeroUnless(greater(a, 0), tfMul(dy, tfMul(tfPow(a, b), log(a)))),
);
export const squaredDifference = binary<'squaredDifference'>(
  (dy, a, b) => tfMul(dy, tfMul(tfSub(a, b), 2)),
  (dy, a, b) => tfMul(dy, tfMul(tfSub(b, a), 2)),
);

/** a − b · ⌊a/b⌋ */
export const floorMod = binary<'floorMod'>(
  (dy) => dy,
  (dy, a, b) => neg(tfMul(dy, floor(tfDiv(a, b)))),
);

export const batchMatMul = binary<'batchMatMul'>(
  (dz, _x, y, { op: { attrs } }) =>
    attrs.transposeX ? matMul(y, dz, attrs.transposeY, true) : matMul(dz, y, false, !attrs.transposeY),
  (dz, x, _y, { op: { attrs } }) =>
    attrs.transposeY ? matMul(dz, x, true, attrs.transposeX) : matMul(x, dz, !attrs.transposeX, false),
);

/** Which of the two is chosen is data. */
export const select: Rule<'select'> = ({ dys: [dy], inputs: [condition, a, b], wanted }) => {
  const chosen = real(notEqual(condition!, 0));
  return [
    null,
    wanted[1] ? sumTo(tfMul(dy!, chosen), a!.shape) : null,
    wanted[2] ? sumTo(tfMul(dy!, tfSub(1, chosen)), b!.shape) : null,
  ];
};
