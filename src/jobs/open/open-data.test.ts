import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { fixturePath, haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { modelFiles, sourceFiles } from '../../cli/files';
import { writeNpy } from '../../testing/builders/npy-writer';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { linesGraph, linesNpz } from '../../testing/builders/small-model';

const SPLIT = { seed: 5, calibrationSamples: 20, evaluationSamples: 30 };
const data = (size = 60) => ({ files: [{ path: 'lines.npz', bytes: linesNpz(size) }], ...SPLIT });

describe('opening data', () => {
  const studio = new TestSession();
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: [{ path: 'lines.tflite', bytes: writeTflite(linesGraph()) }] });
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  it('splits, previews and describes what is there', async () => {
    const { result, stages } = await studio.run('openData', data());
    expect(stages).toEqual(['Reading the data', 'Trying input ranges', 'Looking at the data']);
    expect(result).toMatchObject({
      name: 'lines.npz',
      samples: 60,
      sampleShape: [8, 8, 1],
      labelled: true,
      calibrationSamples: 20,
      evaluationSamples: 30,
      preprocessingGuessed: true,
    });
    expect(result.previews).toHaveLength(12);
    const evaluation = new Set(studio.session.data.split.evaluation);
    expect(result.previews.every(({ index }) => evaluation.has(index))).toBe(true);
    expect(result.doctor.length).toBeGreaterThan(0);
  });

  it('draws the same split for the same seed and another for another', async () => {
    const drawn = async (seed: number) => {
      await studio.run('changeData', { ...SPLIT, seed });
      return [...studio.session.data.split.evaluation];
    };
    const first = await drawn(5);
    expect(await drawn(6)).not.toEqual(first);
    expect(await drawn(5)).toEqual(first);
  });

  it('shrinks both parts where there is too little for what was asked', async () => {
    await studio.run('openData', data(10));
    const { calibration, evaluation } = studio.session.data.split;
    expect([calibration.length, evaluation.length]).toEqual([4, 6]);
  });

  it('takes a pipeline as it is told, and says so', async () => {
    await studio.run('openData', data());
    const preprocessing = [{ kind: 'scale', scale: 0.5, offset: -1 }] as const;
    const { result } = await studio.run('changeData', { ...SPLIT, preprocessing });
    expect(result).toMatchObject({ preprocessing, preprocessingGuessed: false });
    const { reader, source } = studio.session.data;
    const raw = await source.read(3);
    expect([...(await reader.read(3))]).toEqual(Array.from(raw.values, (v) => v * 0.5 - 1));
  });

  it('forgets a calibration made on other data', async () => {
    await studio.run('openData', data());
    await studio.run('calibrate', {});
    expect(studio.session.calibration.samples).toBe(20);
    await studio.run('changeData', { ...SPLIT, seed: 8 });
    expect(() => studio.session.calibration).toThrow(/has not been calibrated/);
  });

  it('makes seeded random data where there is none', async () => {
    const { result } = await studio.run('randomData', SPLIT);
    expect(result).toMatchObject({ kind: 'random', samples: 50, labelled: false });
    const first = await studio.session.data.reader.read(7);
    await studio.run('randomData', SPLIT);
    expect(await studio.session.data.reader.read(7)).toEqual(first);
  });

  it('says what was left out where too little is left', async () => {
    const values = Array.from({ length: 3 * 64 }, (_, i) => (i % 64 === 7 && i < 128 ? NaN : i / 200));
    const files = [{ path: 'x.npy', bytes: writeNpy({ descr: '<f4', shape: [3, 8, 8, 1], values }) }];
    await expect(studio.run('openData', { files, ...SPLIT })).rejects.toMatchObject({
      message: expect.stringContaining('one sample; two are needed'),
      details: [
        '2 of 3 left out: sample 0 holds NaN or infinity, in 1 of 64 values; sample 1 holds NaN or infinity, in 1 of 64 values.',
      ],
    });
  });

  it('keeps what is open when new data cannot be read', async () => {
    await studio.run('openData', data());
    const open = studio.session.data;
    await expect(
      studio.run('openData', { files: [{ path: 'a.npy', bytes: Uint8Array.of(1, 2, 3) }], ...SPLIT }),
    ).rejects.toMatchObject({ name: 'RangefinderError' });
    await expect(studio.run('openData', data(1))).rejects.toMatchObject({
      code: 'invalid-data',
      message: 'The data holds one sample; two are needed at least, one to calibrate with and another to evaluate.',
    });
    expect(studio.session.data).toBe(open);
  });
});

describe.skipIf(!haveFixtures)('guessing the preprocessing of real models', () => {
  const studio = new TestSession();
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  it('finds that colours are exchanged, also where the first guess of the range was wrong', async () => {
    await studio.run('openModel', {
      files: modelFiles(fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.h5')),
    });
    const split = { seed: 42, calibrationSamples: 40, evaluationSamples: 20 };
    await studio.run('openData', { files: sourceFiles(fixturePath('datasets/cifar10_jpg/test')), ...split });
    const { source } = studio.session.data;
    const [values, labels]: number[][] = [[], []];
    for (let i = 0; i < 300; i++) {
      const index = Math.floor((i * source.size) / 300);
      const pixels = (await source.read(index)).values;
      for (let at = 0; at < pixels.length; at += 3) values.push(pixels[at + 2], pixels[at + 1], pixels[at]);
      labels.push(source.labels![index]);
    }
    const bgr = [
      { path: 'x.npy', bytes: writeNpy({ descr: '|u1', shape: [300, 32, 32, 3], values: values }) },
      { path: 'y.npy', bytes: writeNpy({ descr: '|u1', shape: [300], values: labels }) },
    ];
    const { result } = await studio.run('openData', { files: bgr, ...split });
    // The model's name and layers say nothing of its range: 0..1 is guessed, raw bytes are what it was trained on.
    expect(result.preprocessing).toEqual([{ kind: 'channels', order: 'rgb' }]);
    expect(result.doctor).toContainEqual(
      expect.objectContaining({
        message: expect.stringContaining('Red and blue look exchanged'),
        fix: [{ kind: 'channels', order: 'bgr' }],
      }),
    );
  });

  it('scales MNIST for a network trained on 0..1', async () => {
    const model = fixturePath('tfjs/tensorspace_lenet/lenetModel/mnist.json');
    await studio.run('openModel', { files: modelFiles(model) });
    const idx = ['images-idx3', 'labels-idx1'].map((part) => `t10k-${part}-ubyte.gz`);
    const files = idx.map((path) => ({ path, bytes: readFixture(`datasets/mnist/${path}`) }));
    const { result } = await studio.run('openData', { files, ...SPLIT });
    expect(result).toMatchObject({ samples: 10_000, labelled: true });
    expect(result.preprocessing).toContainEqual({ kind: 'scale', scale: 1 / 255, offset: 0 });
  });
});
