/**
 * GELU as exporters spell it, x · ½ · (1 + erf(x / √2)) in any order: recognised product by product, so that one op is
 * left of it. Erf alone becomes an approximation; its ops fall away where a GELU takes their place.
 */
import type { TensorId } from '../../graph/graph';
import type { OnnxNode } from './node';
import type { Trait } from './trait';

const near = (a: number, b: number) => Math.abs(a - b) < 1e-3 * Math.abs(b);

const trait = (node: OnnxNode, x: TensorId): Trait => node.traits.get(x) ?? { is: 'scaled', x, factor: 1 };

/** The product of a tensor and one number. */
export function scaledBy(node: OnnxNode, x: TensorId, factor: number, compute: () => TensorId): TensorId {
  const known = trait(node, x);
  const scaled = { ...known, factor: known.factor * factor };
  if (scaled.is === 'gated' && near(scaled.factor, 0.5)) return gelu(node, scaled.x);
  const y = compute();
  node.traits.set(y, scaled);
  return y;
}

/** The product of two tensors. */
export function product(node: OnnxNode, a: TensorId, b: TensorId, compute: () => TensorId): TensorId {
  const [s, t] = [trait(node, a), trait(node, b)];
  const [plain, gate] = s.is === 'gate' ? [t, s] : [s, t];
  if (plain.is !== 'scaled' || gate.is !== 'gate' || plain.x !== gate.x) return compute();
  const factor = plain.factor * gate.factor;
  if (near(factor, 0.5)) return gelu(node, plain.x);
  const y = compute();
  node.traits.set(y, { is: 'gated', x: plain.x, factor });
  return y;
}

/** The sum of a tensor and one number. */
export function shiftedBy(node: OnnxNode, x: TensorId, shift: number, compute: () => TensorId): TensorId {
  const known = trait(node, x);
  const y = compute();
  if (known.is === 'erf' && near(shift, known.factor)) node.traits.set(y, { ...known, is: 'gate' });
  return y;
}

function gelu(node: OnnxNode, x: TensorId): TensorId {
  return node.op('gelu', [x], { approximate: false });
}

/** Coefficients of t⁵ … t and the one in t = 1 / (1 + p |x|). */
const SERIES = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
const P = 0.3275911;

/** Error at most 1.5·10⁻⁷: Abramowitz & Stegun, Handbook of Mathematical Functions, 7.1.26. */
export function erf(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const times = (a: TensorId, factor: number) => node.step('times', 'mul', [a, node.number(factor)], {});
  const plus = (a: TensorId, shift: number) => node.step('plus', 'add', [a, node.number(shift)], {});
  const size = node.step('abs', 'abs', [x], {});
  const t = node.step('t', 'div', [node.number(1), plus(times(size, P), 1)], {});
  let sum = times(t, SERIES[0]);
  for (const coefficient of SERIES.slice(1)) sum = node.step('series', 'mul', [plus(sum, coefficient), t], {});
  const bell = node.step('bell', 'exp', [times(node.step('square', 'mul', [x, x], {}), -1)], {});
  const rest = node.step('rest', 'mul', [sum, bell], {});
  const sign = node.step('sign', 'div', [x, node.step('size', 'maximum', [size, node.number(1e-30)], {})], {});
  const y = node.op('mul', [sign, node.step('magnitude', 'sub', [node.number(1), rest], {})], {});
  const known = trait(node, x);
  if (known.is === 'scaled' && near(known.factor, Math.SQRT1_2))
    node.traits.set(y, { is: 'erf', x: known.x, factor: 1 });
  return y;
}
