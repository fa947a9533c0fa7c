/** The digits' network: a convolution, depthwise separable blocks (Howard et al. 2017) with batch norm and ReLU, a dense layer. */
import { initializers, layers, sequential, type Sequential } from '@tensorflow/tfjs-layers';
import { CLASSES, SIZE } from './digits/draw';

interface Block {
  readonly name: string;
  readonly filters: number;
  readonly stride: 1 | 2;
}

const FIRST = 16;
/** 28 × 28 → 14 × 14 by the first convolution, → 7 × 7 by the second block. */
export const BLOCKS: readonly Block[] = [
  { name: 'block1', filters: 32, stride: 1 },
  { name: 'block2', filters: 64, stride: 2 },
  { name: 'block3', filters: 64, stride: 1 },
  { name: 'block4', filters: 96, stride: 1 },
];

/** Takes pixels divided by 255. ReLU, not ReLU6: the rescaled twin needs f(s·x) = s·f(x). */
export function buildNetwork(seed: number): Sequential {
  const net = sequential({ name: 'digits' });
  let draws = 0;
  const he = () => initializers.heNormal({ seed: 1000 * seed + ++draws });
  const normalized = (name: string) => {
    net.add(layers.batchNormalization({ name: `${name}_bn`, momentum: 0.95 }));
    net.add(layers.reLU({ name: `${name}_relu` }));
  };
  net.add(
    layers.conv2d({
      name: 'conv',
      inputShape: [SIZE, SIZE, 1],
      filters: FIRST,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      useBias: false,
      kernelInitializer: he(),
    }),
  );
  normalized('conv');
  for (const { name, filters, stride } of BLOCKS) {
    net.add(
      layers.depthwiseConv2d({
        name: `${name}_depthwise`,
        kernelSize: 3,
        strides: stride,
        padding: 'same',
        useBias: false,
        depthwiseInitializer: he(),
      }),
    );
    normalized(`${name}_depthwise`);
    net.add(
      layers.conv2d({
        name: `${name}_pointwise`,
        filters,
        kernelSize: 1,
        useBias: false,
        kernelInitializer: he(),
      }),
    );
    normalized(`${name}_pointwise`);
  }
  net.add(layers.globalAveragePooling2d({ name: 'pool' }));
  net.add(layers.dense({ name: 'dense', units: CLASSES, activation: 'softmax', kernelInitializer: he() }));
  return net;
}
