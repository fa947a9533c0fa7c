/** Two dense layers to compare formats on: Gaussian weights, and weights of Student's t with two degrees of freedom. */
import { Random } from '../../src/base/random';
import { GraphBuilder } from '../../src/core/graph/build';
import type { Graph } from '../../src/core/graph/graph';

export const TAILS_WIDTH = 64;
const DEGREES = 2;
/** So that outputs stay about as large as inputs. */
const SPREAD = 1 / Math.sqrt(TAILS_WIDTH);

export function tailsNetwork(seed: number): Graph {
  const random = new Random(seed);
  const b = new GraphBuilder('tails');
  const x = b.input('x', [-1, TAILS_WIDTH]);
  const count = TAILS_WIDTH * TAILS_WIDTH;
  const gaussian = Float32Array.from({ length: count }, () => SPREAD * random.gaussian());
  const heavy = Float32Array.from({ length: count }, () => SPREAD * studentT(random));
  const layer = (name: string, input: string, weights: Float32Array) =>
    b.op('fullyConnected', name, [input, b.constant(`${name}/kernel`, weights, [TAILS_WIDTH, TAILS_WIDTH]), null], { keepDims: false })[0]!; // prettier-ignore
  return b.build([layer('heavy', layer('gaussian', x, gaussian), heavy)]);
}

/** A normal value over the root of a mean of squares of normal values. */
function studentT(random: Random): number {
  let squares = 0;
  for (let i = 0; i < DEGREES; i++) squares += random.gaussian() ** 2;
  return random.gaussian() / Math.sqrt(squares / DEGREES);
}
