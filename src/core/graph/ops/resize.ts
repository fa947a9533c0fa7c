import type { SharedDefinition } from './definition';
import { checkCounts, inputShape4, noMacs } from './rules';

type Resize = 'resizeBilinear' | 'resizeNearest';

function resize<K extends Resize>(kind: K, label: string): SharedDefinition<Resize, K> {
  return {
    kind,
    label,
    arity: [1, 1],
    weightInputs: [],
    shape: (op, context) => {
      const [n, , , channels] = inputShape4(op, context);
      checkCounts(op, 'size', op.attrs.size);
      return [[n, ...op.attrs.size, channels]];
    },
    macs: noMacs,
    quant: { kind: 'same-scale' },
  };
}

export const resizeBilinear = resize('resizeBilinear', 'Resize bilinear');
export const resizeNearest = resize('resizeNearest', 'Resize nearest');
