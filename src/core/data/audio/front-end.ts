/** What the steps of audio compute; each is compiled for the shape it meets, with its tables. */
import { RangefinderError } from '../../../base/errors';
import { BUDGET } from '../../../base/budget';
import { powerSpectrum } from './fourier';
import { melFilters } from './mel';
import { resample } from './resample';
import type { AudioStep, DctStep, LogStep, MelStep, SpectrogramStep, WaveformStep } from './steps';

/** A step compiled for samples of one shape and rate. */
export interface AudioStage {
  readonly shape: readonly number[];
  /** Samples a second from here on, where the step is about the recording itself. */
  readonly rate?: number;
  readonly apply: (values: Uint8Array | Float32Array) => Float32Array;
}

/**
 * @param rate samples a second of the recording; undefined for values that are none
 * @throws RangefinderError 'invalid-data' for samples the step is not for, 'invalid-settings' for impossible numbers
 */
export function compileAudioStep(step: AudioStep, shape: readonly number[], rate: number | undefined): AudioStage {
  switch (step.kind) {
    case 'waveform':
      return waveform(step, shape, rate);
    case 'spectrogram':
      return spectrogram(step, shape);
    case 'mel':
      return mel(step, shape, rate);
    case 'log':
      return { shape, apply: (values) => logarithm(step, values) };
    case 'dct':
      return dct(step, shape);
    case 'transpose':
      return transpose(shape);
  }
}

function waveform(step: WaveformStep, shape: readonly number[], rate: number | undefined): AudioStage {
  checkWhole('samples', step.samples, 1, BUDGET.elements.activation);
  checkWhole('rate', step.rate, 1, 10_000_000);
  if (shape.length > 2) throw unfit(`A sample of ${shape.join('×')} is no recording.`);
  const [, channels = 1] = shape;
  return {
    shape: [step.samples],
    rate: step.rate,
    apply: (values) => {
      let wave = mono(values, channels);
      if (rate !== undefined) wave = resample(wave, rate, step.rate);
      const heard = new Float32Array(step.samples);
      heard.set(wave.subarray(0, step.samples));
      if (step.gain === 'none') return heard;
      const peak = wave.reduce((max, value) => Math.max(max, value), 0);
      return peak === 0 ? heard : heard.map((value) => value / peak);
    },
  };
}

/** Channels side by side become their mean. */
function mono(values: Uint8Array | Float32Array, channels: number): Float32Array {
  if (channels === 1) return Float32Array.from(values);
  return Float32Array.from({ length: values.length / channels }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += values[i * channels + c];
    return sum / channels;
  });
}

/** Frames that a spectrogram of `length` values has. */
export function frameCount({ window, fft, hop, frames }: SpectrogramStep, length: number): number {
  return frames === 'start' ? Math.floor((length - window) / hop) + 1 : Math.floor((length + 2 * Math.floor(fft / 2) - fft) / hop) + 1; // prettier-ignore
}

function spectrogram(step: SpectrogramStep, shape: readonly number[]): AudioStage {
  const { window, hop, fft, frames, power } = step;
  for (const [name, value] of Object.entries({ window, hop })) checkWhole(name, value, 1, 2 ** 20);
  checkWhole('fft', fft, window, 2 ** 20);
  if (shape.length !== 1) throw unfit(`A spectrogram is of a waveform, and this is ${shape.join('×')}.`);
  const [length] = shape;
  const count = frameCount(step, length);
  if (count < 1) throw unfit(`${length} values are shorter than a window of ${window}.`);
  // TensorFlow's periodic window is symmetric where its length is odd.
  const period = frames === 'start' && window % 2 === 1 ? window - 1 : window;
  const hann = Float64Array.from({ length: window }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / period));
  const transform = powerSpectrum(fft);
  const bins = Math.floor(fft / 2) + 1;
  const isCentred = frames !== 'start';
  /** Where the window begins within the values of the transform. */
  const margin = isCentred ? Math.floor((fft - window) / 2) : 0;
  const before = isCentred ? Math.floor(fft / 2) : 0;
  const mirrored = frames === 'mirrored';
  return {
    shape: [count, bins],
    apply: (values) => {
      const out = new Float32Array(count * bins);
      const framed = new Float64Array(fft);
      for (let frame = 0; frame < count; frame++) {
        const start = frame * hop - before + margin;
        for (let i = 0; i < window; i++) framed[margin + i] = hann[i] * valueAt(values, start + i, mirrored);
        const spectrum = transform(framed);
        for (let bin = 0; bin < bins; bin++)
          out[frame * bins + bin] = power === 2 ? spectrum[bin] : Math.sqrt(spectrum[bin]);
      }
      return out;
    },
  };
}

/** Beyond the ends there is silence, or what lies as far on the other side of them. */
function valueAt(values: Uint8Array | Float32Array, at: number, mirrored: boolean): number {
  if (!mirrored) return values[at] ?? 0;
  const last = values.length - 1;
  if (last === 0) return values[0];
  const folded = Math.abs(at) % (2 * last);
  return values[folded > last ? 2 * last - folded : folded];
}

function mel(step: MelStep, shape: readonly number[], rate: number | undefined): AudioStage {
  checkWhole('bands', step.bands, 1, 4096);
  if (!(step.low >= 0 && step.high > step.low))
    throw setting(`Bands from ${step.low} to ${step.high} Hz are not possible.`);
  if (shape.length !== 2) throw unfit(`Mel bands are of a spectrogram, and this is ${shape.join('×')}.`);
  if (rate === undefined) throw unfit('Mel bands need the rate of the recording: a waveform step before them says it.');
  const [frames, bins] = shape;
  const filters = melFilters(step, bins, rate);
  // Most weights are zero.
  const spans = filters.map((weights) => {
    const first = weights.findIndex((weight) => weight !== 0);
    return { first, weights: first < 0 ? weights.subarray(0, 0) : weights.subarray(first, lastNonZero(weights) + 1) };
  });
  return {
    shape: [frames, step.bands],
    apply: (values) => {
      const out = new Float32Array(frames * step.bands);
      for (let frame = 0, to = 0; frame < frames; frame++)
        for (const { first, weights } of spans) {
          let sum = 0;
          const from = frame * bins + first;
          for (let i = 0; i < weights.length; i++) sum += values[from + i] * weights[i];
          out[to++] = sum;
        }
      return out;
    },
  };
}

function lastNonZero(weights: Float64Array): number {
  let last = weights.length - 1;
  while (last > 0 && weights[last] === 0) last--;
  return last;
}

function logarithm({ base, epsilon, floor, range, reference }: LogStep, values: Uint8Array | Float32Array) {
  const unit = base === 'e' ? 1 : (base === 'dB' ? 10 : 1) / Math.LN10;
  const of = (value: number) => unit * Math.log(floor === 'add' ? value + epsilon : Math.max(value, epsilon));
  const out = Float32Array.from(values, of);
  if (range <= 0 && reference === 'one') return out;
  const largest = out.reduce((max, value) => Math.max(max, value), -Infinity);
  const shift = reference === 'peak' ? largest : 0;
  const least = range > 0 ? largest - range : -Infinity;
  return out.map((value) => Math.max(value, least) - shift);
}

function dct({ coefficients, norm }: DctStep, shape: readonly number[]): AudioStage {
  if (shape.length !== 2) throw unfit(`MFCCs are of bands, and this is ${shape.join('×')}.`);
  const [frames, bands] = shape;
  checkWhole('coefficients', coefficients, 1, bands);
  const rows = Array.from({ length: coefficients }, (_, k) => {
    const scale = Math.sqrt((norm === 'orthonormal' && k === 0 ? 1 : 2) / bands);
    return Float64Array.from({ length: bands }, (_, n) => scale * Math.cos((Math.PI / bands) * (n + 0.5) * k));
  });
  return {
    shape: [frames, coefficients],
    apply: (values) =>
      Float32Array.from({ length: frames * coefficients }, (_, i) => {
        const from = Math.floor(i / coefficients) * bands;
        let sum = 0;
        const row = rows[i % coefficients];
        for (let n = 0; n < bands; n++) sum += values[from + n] * row[n];
        return sum;
      }),
  };
}

function transpose(shape: readonly number[]): AudioStage {
  if (shape.length !== 2) throw unfit(`Only two dimensions are exchanged, and this is ${shape.join('×')}.`);
  const [rows, columns] = shape;
  return {
    shape: [columns, rows],
    apply: (values) => Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]),
  };
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most))
    throw setting(`${name} ${value} is not possible: a whole number from ${least} to ${most} is.`);
}

const setting = (message: string) =>
  new RangefinderError({ code: 'invalid-settings', message, hint: 'Change the numbers of the step.' });

const unfit = (message: string) =>
  new RangefinderError({ code: 'invalid-data', message, hint: 'Change the step, or the ones before it.' });
