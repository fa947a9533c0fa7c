/** What is committed in public/samples: it opens, and is what the scripts say it is. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { candidatePipelines, guessPreprocessing } from '../../src/core/data/guess';
import { openDataSet } from '../../src/core/data/open';
import type { RawSample, SampleSource, SourceFile } from '../../src/core/data/types';
import { readModel } from '../../src/core/model-formats/read-model';
import type { Graph } from '../../src/core/graph/graph';
import { normalize } from '../../src/core/graph/passes/normalize';
import { parameterCount } from '../../src/core/graph/summary';
import { initBackend } from '../../src/engine/tfjs/backend';
import { TfjsModel } from '../../src/engine/tfjs/model';
import { nodeHost } from '../../src/engine/tfjs/node-host';
import { SIZE } from './digits/draw';
import { digitSet } from './digits/set';
import { SAMPLES } from './samples';

const FOLDER = join(import.meta.dirname, '../../public/samples');
const PIXELS = SIZE * SIZE;

const file = (path: string): SourceFile => ({ path, bytes: new Uint8Array(readFileSync(join(FOLDER, path))) });
const sampleOf = (id: string) => SAMPLES.find((sample) => sample.id === id)!;
const graphOf = (id: string) => readModel(sampleOf(id).model.map(file));
const dataOf = (path: string) =>
  openDataSet([file(path)], { decodeImage: () => Promise.reject(new Error('no pictures in here')) });

/** Every sample's pixels end to end. */
async function allOf(source: SampleSource): Promise<Uint8Array> {
  const samples: RawSample[] = [];
  for (let i = 0; i < source.size; i++) samples.push(await source.read(i));
  const bytes = new Uint8Array(source.size * PIXELS);
  samples.forEach(({ values }, i) => bytes.set(values, i * PIXELS));
  return bytes;
}

/** Class probabilities of the first `count` test pictures, divided by 255. */
async function outputsOf(graph: Graph, count: number): Promise<Float32Array> {
  const pictures = (await allOf(await dataOf('digits/digits.npz'))).subarray(0, count * PIXELS);
  const model = TfjsModel.load(graph);
  const inputs = new Map([[graph.inputs[0], Float32Array.from(pictures, (value) => value / 255)]]);
  const outputs = await model.run({ size: count, inputs }, graph.outputs);
  model.dispose();
  return outputs.get(graph.outputs[0])!.data as Float32Array;
}

function accuracy(probabilities: Float32Array, labels: ArrayLike<number>): number {
  const count = probabilities.length / 10;
  let right = 0;
  for (let i = 0; i < count; i++) {
    const row = probabilities.subarray(10 * i, 10 * i + 10);
    right += Number(row.indexOf(Math.max(...row)) === labels[i]);
  }
  return right / count;
}

beforeAll(() => initBackend(nodeHost()));

describe('the list', () => {
  it('is the one in the page, names one default and only files that exist', () => {
    expect(JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8'))).toEqual(SAMPLES);
    expect(SAMPLES.filter((sample) => sample.default)).toHaveLength(1);
    expect(new Set(SAMPLES.map(({ id }) => id)).size).toBe(SAMPLES.length);
    for (const { model, data } of SAMPLES)
      for (const path of [...model, ...data]) expect(existsSync(join(FOLDER, path)), path).toBe(true);
  });
});

describe('the data', () => {
  it('are the pictures that the seeds draw, labelled', async () => {
    const source = await dataOf('digits/digits.npz');
    const drawn = digitSet(200, 2);
    expect(source.kind).toBe('images');
    expect(source.size).toBe(1600);
    expect((await source.read(7)).shape).toEqual([28, 28, 1]);
    expect((await allOf(source)).subarray(0, drawn.x.length)).toEqual(drawn.x);
    expect(Array.from(source.labels!)).toEqual(Array.from({ length: 1600 }, (_, i) => i % 10));
  });

  it('hold no picture that was trained on', async () => {
    const keys = async (path: string) => {
      const bytes = await allOf(await dataOf(path));
      return Array.from({ length: bytes.length / PIXELS }, (_, i) =>
        Buffer.from(bytes.subarray(i * PIXELS, (i + 1) * PIXELS)).toString('latin1'),
      );
    };
    const [test, training] = [await keys('digits/digits.npz'), await keys('digits/digits-train.npz')];
    expect(training).toHaveLength(4000);
    expect(new Set([...test, ...training]).size).toBe(5600);
  });

  it('need a division by 255, which is what is guessed', async () => {
    const source = await dataOf('digits/digits.npz');
    const first = [await source.read(0), await source.read(1)];
    for (const id of ['digits', 'digits-rescaled']) {
      const graph = await graphOf(id);
      expect(guessPreprocessing(graph, first).pipeline).toEqual([{ kind: 'scale', scale: 1 / 255, offset: 0 }]);
    }
    expect(candidatePipelines([28, 28, 1], first).map(({ id }) => id)).toEqual(['raw', 'unit', 'signed']);
  });
});

describe('the networks', () => {
  it('read nine digits of ten and more, but not all', async () => {
    const tensors = memory().numTensors;
    const labels = (await dataOf('digits/digits.npz')).labels!;
    const right = accuracy(await outputsOf(normalize(await graphOf('digits')), 1600), labels);
    expect(right).toBeGreaterThan(0.96);
    expect(right).toBeLessThan(0.99);
    expect(memory().numTensors).toBe(tensors);
  });

  it('have as many parameters as their layers add up to', async () => {
    // conv 3·3·16; depthwise 9·C and pointwise C·F of each block; dense 96·10 + 10; a bias a channel from batch norm.
    const channels = [16, 32, 64, 64];
    const filters = [32, 64, 64, 96];
    const blocks = channels.map((c, i) => 9 * c + c + c * filters[i] + filters[i]);
    const expected = 9 * 16 + 16 + blocks.reduce((a, b) => a + b) + 96 * 10 + 10;
    for (const { id } of SAMPLES) expect(parameterCount(normalize(await graphOf(id)))).toBe(expected);
  });

  it('are one function: the rescaled twin and the .tflite answer as the original does', async () => {
    const [original, twin, tflite] = await Promise.all(['digits', 'digits-rescaled', 'digits-tflite'].map(graphOf));
    const expected = await outputsOf(original, 300);
    // Factors are powers of two: nothing is rounded.
    expect(await outputsOf(twin, 300)).toEqual(expected);
    for (const graph of [normalize(twin), tflite])
      (await outputsOf(graph, 300)).forEach((p, i) => expect(Math.abs(p - expected[i])).toBeLessThan(1e-4));
  });

  it('part in the ranges of their channels', async () => {
    const spread = async (id: string) => {
      const graph = normalize(await graphOf(id));
      const depthwise = graph.ops.find(({ kind }) => kind === 'depthwiseConv2d')!;
      const filter = graph.tensors.get(depthwise.inputs[1]!)!;
      const ranges = new Float64Array(filter.shape[3]!);
      (filter.data as Float32Array).forEach((w, i) => {
        const channel = i % ranges.length;
        ranges[channel] = Math.max(ranges[channel], Math.abs(w));
      });
      return Math.max(...ranges) / Math.min(...ranges);
    };
    expect(await spread('digits-rescaled')).toBeGreaterThan(8 * (await spread('digits')));
  });
});
