import type { Size } from '../../charts/bars';
import type { View } from '../../charts/geometry';

/** A value that holds until the next checkpoint, over the number of samples: steps, as nothing is known in between. */
export function coursePath(samples: ArrayLike<number>, values: ArrayLike<number>, view: View, size: Size): string {
  const last = samples.length - 1;
  const span = samples[last]! - samples[0]! || 1;
  const height = view.hi - view.lo || 1;
  let path = '';
  for (let i = 0; i <= last; i++) {
    const x = (((samples[i]! - samples[0]!) / span) * size.width).toFixed(1);
    // Lines of two pixels stay inside.
    const y = (1 + (size.height - 2) * (1 - (values[i]! - view.lo) / height)).toFixed(1);
    path += i === 0 ? `M${x} ${y}` : `H${x}V${y}`;
  }
  return path;
}
