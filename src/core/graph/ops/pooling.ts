import type { SharedDefinition } from './definition';
import { inputShape4, noMacs, slide } from './rules';

type Pooling = 'averagePool2d' | 'maxPool2d';

function pooling<K extends Pooling>(kind: K, label: string): SharedDefinition<Pooling, K> {
  return {
    kind,
    label,
    arity: [1, 1],
    weightInputs: [],
    shape: (op, context) => {
      const [n, h, w, channels] = inputShape4(op, context);
      const { filter, strides, padding } = op.attrs;
      return [[n, ...slide(op, [h, w], filter, strides, [1, 1], padding), channels]];
    },
    macs: noMacs,
    quant: { kind: 'same-scale' },
  };
}

export const averagePool2d = pooling('averagePool2d', 'Average pool 2D');
export const maxPool2d = pooling('maxPool2d', 'Max pool 2D');
