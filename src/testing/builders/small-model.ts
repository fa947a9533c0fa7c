/** A model and data small enough to be made in a test and to be taken through every job in milliseconds. */
import { zipSync } from 'fflate';
import { GraphBuilder } from '../../core/graph/build';
import type { Graph } from '../../core/graph/graph';
import { Random } from '../../base/random';
import { writeNpy } from './npy-writer';

export const SIDE = 8;
export const CLASSES = 3;

/**
 * Three kinds of 8×8 picture, told apart by a bright row, a bright column or neither: conv with filters for them, mean,
 * dense, softmax. 55 parameters.
 */
export function linesGraph(): Graph {
  const builder = new GraphBuilder('lines');
  const row = [-1, -1, -1, 2, 2, 2, -1, -1, -1];
  const column = [-1, 2, -1, -1, 2, -1, -1, 2, -1];
  const filters = [row, column, row.map((v) => -v), [0.1, 0, 0.1, 0, 0.2, 0, 0.1, 0, 0.1]].flat();
  const x = builder.input('x', [-1, SIDE, SIDE, 1]);
  const [conv] = builder.op(
    'conv2d',
    'conv',
    [x, builder.constant('conv/w', filters, [4, 3, 3, 1]), builder.constant('conv/b', [-3, -3, 0.1, 0], [4])],
    { strides: [1, 1], padding: 'same', dilations: [1, 1], groups: 1 },
    { activation: 'relu' },
  );
  const [pool] = builder.op('mean', 'pool', [conv], { axes: [1, 2], keepDims: false });
  const weights = [1.5, -1, 0.2, 0.1, -1, 1.5, 0.2, 0.1, -0.5, -0.5, 0.4, 0];
  const [dense] = builder.op(
    'fullyConnected',
    'dense',
    [pool, builder.constant('dense/w', weights, [CLASSES, 4]), builder.constant('dense/b', [0, 0, 2], [CLASSES])],
    { keepDims: false },
  );
  const [softmax] = builder.op('softmax', 'softmax', [dense], { beta: 1 });
  return builder.build([softmax]);
}

/** `size` pictures in 0..16 with their labels, as the .npz the page takes. */
export function linesNpz(size: number, seed = 1): Uint8Array {
  const random = new Random(seed, 0);
  const labels = Array.from({ length: size }, (_, i) => i % CLASSES);
  const values = labels.flatMap((label) => {
    const line = 1 + Math.floor(random.uniform() * (SIDE - 2));
    return Array.from({ length: SIDE * SIDE }, (_, p) => {
      const on = (label === 0 && Math.floor(p / SIDE) === line) || (label === 1 && p % SIDE === line);
      return Math.round((on ? 12 : 0) + 4 * random.uniform());
    });
  });
  return zipSync({
    'x.npy': writeNpy({ descr: '|u1', shape: [size, SIDE, SIDE, 1], values }),
    'y.npy': writeNpy({ descr: '|u1', shape: [size], values: labels }),
  });
}
