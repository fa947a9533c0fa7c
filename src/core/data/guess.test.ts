import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/build';
import type { Graph } from '../graph/graph';
import { candidatePipelines, guessPreprocessing, withColorsSwapped } from './guess';
import { compilePreprocessing } from './preprocess';
import type { Preprocessing, RawSample } from './types';

/** A net that passes its input through, with an optional first op. */
function net(name: string, shape: number[], first?: { kind: 'mul' | 'sub'; by: number }): Graph {
  const builder = new GraphBuilder(name);
  let x = builder.input('x', [-1, ...shape]);
  if (first) {
    const constant = builder.constant('by', Float32Array.of(first.by), [1]);
    [x] = builder.op(first.kind, 'rescaling', [x, constant], {});
  }
  [x] = builder.op('relu', 'relu', [x], {});
  return builder.build([x]);
}

const bytes = (...shape: number[]): RawSample => ({
  shape,
  values: Uint8Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => i % 256),
});
const floats = (shape: number[], value: (i: number) => number): RawSample => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => value(i)),
});
const kinds = (pipeline: Preprocessing) => pipeline.map(({ kind }) => kind);

describe('guessPreprocessing', () => {
  it('scales bytes to 0..1 unless the model points elsewhere', () => {
    const photo = bytes(32, 32, 3);
    expect(guessPreprocessing(net('resnet', [32, 32, 3]), [photo])).toMatchObject({ id: 'unit' });
    expect(guessPreprocessing(net('mobilenet_v1', [32, 32, 3]), [photo])).toMatchObject({
      id: 'signed',
      reason: expect.stringContaining('mobilenet_v1'),
    });
    for (const first of [{ kind: 'mul', by: 1 / 255 } as const, { kind: 'sub', by: 127.5 } as const])
      expect(guessPreprocessing(net('mobilenet', [32, 32, 3], first), [photo])).toMatchObject({
        id: 'raw',
        pipeline: [{ kind: 'channels', order: 'rgb' }],
        reason: expect.stringContaining('in rescaling'),
      });
    // A small shift is no rescaling.
    expect(guessPreprocessing(net('n', [32, 32, 3], { kind: 'sub', by: 0.5 }), [photo]).id).toBe('unit');
  });

  it('takes prepared arrays as they are', () => {
    const mfcc = floats([49, 10, 1], (i) => (i % 50) - 25);
    expect(guessPreprocessing(net('kws', [49, 10, 1]), [mfcc])).toMatchObject({ id: 'as-is', pipeline: [] });
    const unit = floats([32, 32, 3], (i) => (i % 100) / 99);
    expect(guessPreprocessing(net('ic', [32, 32, 3]), [unit])).toMatchObject({ id: 'unit', pipeline: [] });
  });
});

describe('a model whose metadata declares a normalization', () => {
  const declaring = (mean: number[], std: number[]): Graph => {
    const graph = net('mobilenet', [16, 16, 3]);
    return { ...graph, provenance: { ...graph.provenance, inputNormalization: { mean, std } } };
  };
  const white = (values: RawSample['values']): RawSample => ({ shape: [16, 16, 3], values });
  const first = (graph: Graph, sample: RawSample) =>
    Array.from(
      compilePreprocessing(guessPreprocessing(graph, [sample]).pipeline, sample.shape, [16, 16, 3])(sample),
    ).slice(0, 3);

  it('gets it, and the page says why', () => {
    const graph = declaring([127], [128]);
    const byte = white(new Uint8Array(768).fill(255));
    expect(guessPreprocessing(graph, [byte])).toMatchObject({
      id: 'declared',
      reason: "The model's own metadata asks for bytes − 127, divided by 128.",
    });
    for (const sample of [byte, white(new Float32Array(768).fill(1)), white(new Float32Array(768).fill(255))])
      expect(first(graph, sample)).toEqual([1, 1, 1]);
  });

  it('gets it by channel, where the numbers are of its channels', () => {
    const byte = white(new Uint8Array(768).fill(200));
    expect(first(declaring([100, 150, 200], [50]), byte)).toEqual([2, 1, 0]);
    expect(guessPreprocessing(declaring([1, 2], [50]), [byte]).id).toBe('signed');
  });

  it('has no candidate twice', () => {
    const ids = candidatePipelines([16, 16, 3], [white(new Uint8Array(768))], false, { mean: [0], std: [1] });
    expect(ids.map(({ id }) => id)).toEqual(['declared', 'unit', 'signed', 'imagenet']);
  });
});

describe('candidatePipelines', () => {
  /** Each candidate compiled and run on one white, then one black sample. */
  const extremes = (inputShape: number[], sample: (level: 0 | 1) => RawSample) =>
    Object.fromEntries(
      candidatePipelines(inputShape, [sample(1)]).map(({ id, pipeline }) => {
        const run = compilePreprocessing(pipeline, sample(1).shape, inputShape);
        return [id, [run(sample(0))[0], run(sample(1))[0]]];
      }),
    );
  const ranges = { raw: [0, 255], unit: [0, 1], signed: [-1, 1] };

  it('reach their ranges from bytes, floats of bytes and floats in 0..1', () => {
    const grey = (scale: number) => (level: 0 | 1) => floats([28, 28, 1], () => level * scale);
    const byte = (level: 0 | 1): RawSample => ({ shape: [28, 28, 1], values: new Uint8Array(784).fill(level * 255) });
    for (const sample of [byte, grey(255), grey(1)]) expect(extremes([28, 28, 1], sample)).toEqual(ranges);
    const color = extremes([16, 16, 3], (level) => ({
      shape: [16, 16, 3],
      values: new Uint8Array(768).fill(level * 255),
    }));
    // torchvision's normalization of a black and a white red channel
    expect(color.imagenet[0]).toBeCloseTo(-0.485 / 0.229, 5);
    expect(color.imagenet[1]).toBeCloseTo(0.515 / 0.229, 5);
  });

  it('bring pictures to the model by size, channels, layout and rank', () => {
    const steps = (inputShape: number[], ...samples: RawSample[]) => {
      const [{ pipeline }] = candidatePipelines(inputShape, samples);
      compilePreprocessing(pipeline, samples[0].shape, inputShape); // it fits
      return kinds(pipeline);
    };
    expect(steps([96, 96, 3], bytes(60, 40, 3))).toEqual(['resize', 'channels']);
    expect(steps([32, 32, 3], bytes(32, 32, 3), bytes(40, 32, 3))).toEqual(['resize', 'channels']);
    expect(steps([28, 28, 1], bytes(32, 32, 3))).toEqual(['resize', 'channels']);
    expect(steps([32, 32, 3], bytes(3, 32, 32))).toEqual(['layout', 'channels']);
    expect(steps([784], bytes(28, 28, 1))).toEqual(['reshape']);
    expect(steps([28, 28, 1], bytes(784))).toEqual(['reshape']);
    expect(steps([28, 28], bytes(28, 28, 1))).toEqual([]);
  });

  it('do not scale what is no picture', () => {
    expect(candidatePipelines([4], [floats([4], (i) => i)])).toEqual([
      { id: 'as-is', label: 'as they are', pipeline: [] },
    ]);
  });
});

describe('withColorsSwapped', () => {
  it('exchanges red and blue once, and back', () => {
    const pixel: RawSample = { shape: [1, 1, 3], values: Uint8Array.of(1, 2, 3) };
    const run = (pipeline: Preprocessing) => [...compilePreprocessing(pipeline, [1, 1, 3], [1, 1, 3])(pixel)];
    const pipeline: Preprocessing = [{ kind: 'normalize', mean: [0, 10, 20], std: [1] }];
    expect(run(withColorsSwapped(pipeline))).toEqual([3, -8, -19]);
    expect(run(withColorsSwapped(withColorsSwapped(pipeline)))).toEqual(run(pipeline));
  });
});
