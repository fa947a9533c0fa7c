import { fill, memory, ones, tensor, tidy, tile } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { initBackend } from '../../src/engine/tfjs/backend';
import { registerWasmGradients } from '../../src/engine/tfjs/gradients/register';
import { nodeHost } from '../../src/engine/tfjs/node-host';
import { digitSet } from './digits/set';
import { registerFastTile } from './fast-tile';
import { fromFiles, toFiles } from './layers-files';
import { buildNetwork } from './network';
import { rescale } from './rescale';
import { answersOf, trainNetwork } from './train';

beforeAll(async () => {
  await initBackend(nodeHost());
  registerWasmGradients();
});

const shapes = [[[1, 1, 1, 7], [3, 4, 5, 1]], [[5], [1]], [[1, 3], [4, 1]], [[2, 3], [2, 1]], [[1, 3], [2, 2]]]; // prettier-ignore

it('tiles as tfjs does, whether a row of channels or not', () => {
  const tiled = () =>
    shapes.map(([shape, reps]) =>
      tidy(() => {
        const size = shape.reduce((n, d) => n * d, 1);
        const y = tile(
          tensor(
            Float32Array.from({ length: size }, (_, i) => i + 0.5),
            shape,
          ),
          reps,
        );
        return { shape: y.shape, values: Array.from(y.dataSync()) };
      }),
    );
  const expected = tiled();
  registerFastTile();
  expect(tiled()).toEqual(expected);
  expect(tidy(() => Array.from(tile(fill([1, 2], 3, 'int32'), [2, 1]).dataSync()))).toEqual([3, 3, 3, 3]);
  expect(tidy(() => tile(ones([1, 2]), [3, 1]).dtype)).toBe('float32');
});

it('learns, the same from the same seeds, and leaks no tensor', async () => {
  const set = digitSet(64, 5);
  const tensors = memory().numTensors;
  const run = async () => {
    const model = buildNetwork(1);
    const losses: number[] = [];
    const onEpoch = (_: number, loss: number) => void losses.push(loss);
    await trainNetwork(model, set, { epochs: 6, batch: 16, learningRate: 0.01, seed: 2, onEpoch });
    const { weights } = await toFiles(model);
    model.dispose();
    return { losses, weights };
  };
  const first = await run();
  expect(first.losses[0]).toBeGreaterThan(1.8);
  expect(first.losses[5]).toBeLessThan(0.75 * first.losses[0]);
  expect(await run()).toEqual(first);
  expect(memory().numTensors).toBe(tensors);
});

it('keeps the function, to the bit, through a rescaling and through files', async () => {
  const set = digitSet(20, 6);
  const model = buildNetwork(3);
  const [before, weights] = [answersOf(model, set), (await toFiles(model)).weights];
  rescale(model, 3, 8);
  expect(answersOf(model, set)).toEqual(before);
  const files = await toFiles(model);
  expect(files.weights).not.toEqual(weights);
  const read = await fromFiles(files);
  expect(answersOf(read, set)).toEqual(before);
  for (const net of [model, read]) net.dispose();
});
