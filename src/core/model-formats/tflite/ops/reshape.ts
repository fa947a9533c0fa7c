import { BATCH, type Shape } from '../../../graph/graph';

/**
 * The target of a reshape with everything filled in that the input's shape tells. A batch that was baked into the file
 * as 1 becomes symbolic again where the rest of the shape is a whole sample.
 */
export function resolveReshape(input: Shape, target: Shape): number[] {
  const shape = [...target];
  const symbolic = input[0] === BATCH;
  const total = input.reduce((n, d) => n * (d === BATCH ? 1 : d), 1);
  const product = (dims: Shape) => dims.reduce((n, d) => n * d, 1);
  if (symbolic) {
    const rest = shape.slice(1);
    const free = rest.indexOf(-1);
    const known = product(rest.filter((d) => d !== -1));
    const leads = shape[0] === BATCH || shape[0] === 1;
    if (leads && free >= 0 && shape[0] === BATCH && known > 0) shape[1 + free] = total / known;
    else if (leads && free < 0 && known === total) shape[0] = BATCH;
    return shape;
  }
  const free = shape.indexOf(-1);
  const known = product(shape.filter((d) => d !== -1));
  if (free >= 0 && known > 0) shape[free] = total / known;
  return shape;
}
