import type { Sample } from '../../src/state/slices/samples';

/** public/samples/index.json */
export const SAMPLES: readonly Sample[] = [
  {
    id: 'digits',
    title: 'Digits',
    description: 'Drawn digits, 28 × 28, and a small network of depthwise separable convolutions with batch norm.',
    model: ['digits/model/model.json', 'digits/model/weights.bin'],
    data: ['digits/digits.npz'],
    default: true,
  },
  {
    id: 'digits-rescaled',
    title: 'Digits, rescaled channels',
    description:
      'The same network with the same float outputs, but channels of very unequal range: one scale for all of them ruins it.',
    model: ['digits-rescaled/model/model.json', 'digits-rescaled/model/weights.bin'],
    data: ['digits/digits.npz'],
  },
  {
    id: 'digits-rescaled-tensor',
    title: 'A model that int8 ruins',
    description:
      'The rescaled network with one scale per tensor: most digits are lost, the diagnosis says why, and a fix wins them back.',
    model: ['digits-rescaled/model/model.json', 'digits-rescaled/model/weights.bin'],
    data: ['digits/digits.npz'],
    story: { granularity: 'tensor', tab: 'diagnose' },
  },
  {
    id: 'digits-tflite',
    title: 'Digits, as .tflite',
    description: 'The digits network as a float .tflite, batch norm folded into the convolutions.',
    model: ['digits/digits.tflite'],
    data: ['digits/digits.npz'],
  },
];
