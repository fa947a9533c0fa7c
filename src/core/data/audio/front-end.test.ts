import { describe, expect, it } from 'vitest';
import goldens from '../../../testing/goldens/audio.json';
import { compilePreprocessing } from '../preprocess';
import type { RawSample } from '../types';
import { audioCandidates } from './guess';
import { resample } from './resample';

const RATE = 16_000;

/** The recording that scripts/oracles/audio.py makes, in −1 … 1. */
function recording(length: number): Float32Array {
  return Float32Array.from({ length }, (_, t) => {
    const sweep = 9000 * Math.sin(2 * Math.PI * ((200 * t) / RATE + 900 * (t / RATE) ** 2));
    const hum = 3000 * Math.sin((2 * Math.PI * 50 * t) / RATE);
    return Math.floor(sweep + hum + (t % 4000 < 20 ? 5000 : 0) + 0.5) / 2 ** 15;
  });
}

const second: RawSample = { shape: [16_000], values: recording(16_000), rate: RATE };

function expectGolden(name: keyof typeof goldens, values: Float32Array, tolerance: number) {
  const { shape, at, values: expected } = goldens[name];
  expect(values).toHaveLength(shape.reduce((n, d) => n * d, 1));
  const worst = Math.max(...at.map((place, i) => Math.abs(values[place] - expected[i])));
  expect(worst).toBeLessThan(tolerance);
}

/** The guess for an input of this shape with this name, and what it makes of a sample. */
function heard(inputShape: readonly number[], id: string, sample = second): Float32Array {
  const candidates = audioCandidates(inputShape, [sample]);
  const pipeline = candidates.find((candidate) => candidate.id === id)!.pipeline;
  return compilePreprocessing(pipeline, sample.shape, inputShape)(sample);
}

describe('front ends, against the libraries they are named after', () => {
  it('gives 49×10 MFCCs as MLPerf Tiny’s keyword spotting does', () => {
    expect(audioCandidates([49, 10, 1], [second])[0].id).toBe('speech-peak');
    expectGolden('mlperf_kws', heard([49, 10, 1], 'speech-peak'), 5e-3);
    expectGolden('mlperf_kws', heard([490], 'speech-peak'), 5e-3);
  });

  it('gives 40 mel bands of TensorFlow', () => {
    expectGolden('tensorflow_log_mel', heard([49, 40, 1], 'tensorflow'), 5e-3);
  });

  it('gives the magnitudes of TensorFlow’s tutorial on simple audio', () => {
    expectGolden('tensorflow_tutorial', heard([124, 129, 1], 'magnitude'), 1e-4);
  });

  it('gives five frames of librosa’s log-mel as MLPerf Tiny’s anomaly detection does', () => {
    const excerpt = { ...second, shape: [3072], values: second.values.slice(0, 3072) };
    expectGolden('mlperf_ad', heard([640], 'dcase', excerpt), 0.02);
  });

  it('gives MFCCs and decibels of librosa', () => {
    expectGolden('librosa_mfcc', heard([32, 13, 1], 'librosa'), 0.02);
    const power = audioCandidates([128, 32, 1], [second]).find(({ id }) => id === 'librosa')!.pipeline;
    const againstPeak = power.map((step) => (step.kind === 'log' ? { ...step, reference: 'peak' as const } : step));
    expectGolden('librosa_db', compilePreprocessing(againstPeak, [16_000], [128, 32, 1])(second), 0.02);
  });

  it('gives decibels of torchaudio’s mel spectrogram, mirrored at the ends', () => {
    const pipeline = audioCandidates([64, 101, 1], [second]).find(({ id }) => id === 'torchaudio')!.pipeline;
    const framed = pipeline.map((step) =>
      step.kind === 'spectrogram' ? { ...step, window: 400, hop: 160, fft: 400, frames: 'mirrored' as const } : step,
    );
    expectGolden('torchaudio', compilePreprocessing(framed, [16_000], [64, 101, 1])(second), 0.02);
  });

  it('resamples as SciPy’s polyphase filter does', () => {
    const wave = recording(4000);
    expectGolden('resample_44100', resample(wave, 16_000, 44_100), 1e-5);
    expectGolden('resample_8000', resample(wave, 16_000, 8000), 1e-5);
  });
});

describe('recordings', () => {
  it('are brought to one channel, to the rate and to the length', () => {
    const stereo: RawSample = { shape: [4, 2], values: Float32Array.of(1, 0, 0.5, 0.5, 0, 0, -1, 0), rate: RATE };
    const pipeline = [{ kind: 'waveform', rate: RATE, samples: 6, every: 0, gain: 'none' }] as const;
    expect([...compilePreprocessing(pipeline, [4, 2], [6])(stereo)]).toEqual([0.5, 0.5, 0, -0.5, 0, 0]);
    const peak = [{ ...pipeline[0], samples: 2, gain: 'peak' }] as const;
    expect([...compilePreprocessing(peak, [4, 2], [2])(stereo)]).toEqual([1, 1]);
  });

  it('are refused as bands without a spectrogram', () => {
    const pipeline = [{ kind: 'mel', bands: 40, low: 20, high: 4000, filters: 'tensorflow' }] as const;
    expect(() => compilePreprocessing(pipeline, [16_000], [40])).toThrow(/of a spectrogram/);
  });
});
