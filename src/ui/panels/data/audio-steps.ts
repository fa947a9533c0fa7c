/** The rows of the steps from a recording to what a model hears. */
import type { AudioStep } from '../../../core/data/audio/steps';
import type { StepRow, StepField } from './steps';

type StepOf<K extends AudioStep['kind']> = Extract<AudioStep, { kind: K }>;

/** A field for a whole number, the property `key` of its step. */
function whole<K extends string, S extends Readonly<Record<K, number>>>(label: string, key: K, min = 1): StepField<S> {
  return { kind: 'number', label, whole: true, min, get: (s) => s[key], set: (s, value) => ({ ...s, [key]: value }) };
}

function real<K extends string, S extends Readonly<Record<K, number>>>(label: string, key: K): StepField<S> {
  return { kind: 'number', label, get: (s) => s[key], set: (s, value) => ({ ...s, [key]: value }) };
}

function choice<K extends string, S extends Readonly<Record<K, string>>>(
  label: string,
  key: K,
  options: readonly S[K][],
): StepField<S> {
  return { kind: 'choice', label, options, get: (s) => s[key], set: (s, value) => ({ ...s, [key]: value }) };
}

export const AUDIO_STEPS: { readonly [K in AudioStep['kind']]: StepRow<K> } = {
  waveform: {
    label: 'Waveform',
    initial: { kind: 'waveform', rate: 16_000, samples: 16_000, every: 0, gain: 'none' },
    fields: [
      whole('Rate (Hz)', 'rate'),
      whole('Values', 'samples'),
      whole('One from every (0: the first)', 'every', 0),
      choice<'gain', StepOf<'waveform'>>('Gain', 'gain', ['none', 'peak']),
    ],
  },
  spectrogram: {
    label: 'Spectrogram',
    initial: { kind: 'spectrogram', window: 480, hop: 320, fft: 512, frames: 'start', power: 1 },
    fields: [
      whole('Window', 'window'),
      whole('Hop', 'hop'),
      whole('Transform', 'fft'),
      choice<'frames', StepOf<'spectrogram'>>('Frames', 'frames', ['start', 'centred', 'mirrored']),
      {
        kind: 'choice',
        label: 'Values',
        options: ['magnitude', 'power'],
        get: (s) => (s.power === 1 ? 'magnitude' : 'power'),
        set: (s, value) => ({ ...s, power: value === 'power' ? 2 : 1 }),
      },
    ],
  },
  mel: {
    label: 'Mel bands',
    initial: { kind: 'mel', bands: 40, low: 20, high: 4000, filters: 'tensorflow' },
    fields: [
      whole('Bands', 'bands'),
      real('From (Hz)', 'low'),
      real('To (Hz)', 'high'),
      choice<'filters', StepOf<'mel'>>('Filters', 'filters', ['tensorflow', 'htk', 'slaney']),
    ],
  },
  log: {
    label: 'Logarithm',
    initial: { kind: 'log', base: 'e', epsilon: 1e-6, floor: 'add', range: 0, reference: 'one' },
    fields: [
      choice<'base', StepOf<'log'>>('Base', 'base', ['e', '10', 'dB']),
      real('Epsilon', 'epsilon'),
      choice<'floor', StepOf<'log'>>('Epsilon is', 'floor', ['add', 'clamp']),
      real('Range (0: all)', 'range'),
      choice<'reference', StepOf<'log'>>('0 is at', 'reference', ['one', 'peak']),
    ],
  },
  dct: {
    label: 'Cosine coefficients',
    initial: { kind: 'dct', coefficients: 10, norm: 'tensorflow' },
    fields: [
      whole('Coefficients', 'coefficients'),
      choice<'norm', StepOf<'dct'>>('Scale', 'norm', ['tensorflow', 'orthonormal']),
    ],
  },
  transpose: { label: 'Frequency before time', initial: { kind: 'transpose' }, fields: [] },
};
