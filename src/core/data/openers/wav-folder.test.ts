import { describe, expect, it } from 'vitest';
import { wavFile } from '../../../testing/builders/wav-file';
import { openDataSet } from '../open';

const file = (path: string, values: ArrayLike<number>, rate?: number) => ({ path, bytes: wavFile(values, rate) });
const open = (...files: { path: string; bytes: Uint8Array }[]) =>
  openDataSet(files, { decodeImage: () => Promise.reject(new Error('no pictures here')) });

describe('folders of recordings', () => {
  it('are classes, without the noise that data sets bring along', async () => {
    const source = await open(
      file('speech/yes/1.wav', [0.5, 0.25], 8000),
      file('speech/no/1.wav', [0.125]),
      file('speech/_background_noise_/pink.wav', [0, 0]),
    );
    expect(source).toMatchObject({ kind: 'audio', size: 2, classNames: ['no', 'yes'], labels: Int32Array.of(0, 1) });
    expect(await source.read(1)).toEqual({ shape: [2], values: Float32Array.of(0.5, 0.25), rate: 8000 });
    expect(source.notes).toEqual(['Recordings of _background_noise_, which is no class, passed over: 1.']);
  });

  it('for training are calibrated with, those for tests evaluated on', async () => {
    const source = await open(
      file('d/test/a/1.wav', [0.5]),
      file('d/test/b/1.wav', [0.5]),
      file('d/train/a/1.wav', [0.5]),
      file('d/train/b/1.wav', [0.5]),
    );
    expect(source).toMatchObject({ evaluationStart: 2, labels: Int32Array.of(0, 1, 0, 1) });
    expect(source.sampleNames![0]).toBe('d/train/a/1.wav');
  });

  it('say by the names of files who is normal', async () => {
    const source = await open(file('t/anomaly_id_01_00000000.wav', [0.5]), file('t/normal_id_01_00000000.wav', [0.5]));
    expect(source).toMatchObject({ labels: Int32Array.of(1, 0), classNames: ['normal', 'anomaly'] });
  });

  it('are cut into excerpts, each with the label of its recording', async () => {
    const whole = await open(
      file('t/anomaly_1.wav', [0.5, 0.25, 0.125, 0, -0.5]),
      file('t/normal_1.wav', [0.75, 0.75]),
    );
    const source = await whole.excerpts!({ samples: 3, every: 1, rate: 16_000 });
    // Three fit into five values, and what is shorter is one.
    expect(source).toMatchObject({ size: 4, labels: Int32Array.of(1, 1, 1, 0) });
    expect([...(await source.read(1)).values]).toEqual([0.25, 0.125, 0]);
    expect((await source.read(3)).shape).toEqual([2]);
  });

  it('name the file that is damaged', async () => {
    const source = await open(file('t/1.wav', [0.5]), { path: 't/2.wav', bytes: wavFile([0.5]).subarray(0, 40) });
    expect(await source.problem!(1)).toBe('is damaged');
  });
});
