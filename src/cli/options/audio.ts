/** How recordings become the model's input, where the guess is to be corrected: "mfcc,window=480,hop=320". */
import type { AudioStep } from '../../core/data/audio/steps';
import type { Preprocessing } from '../../core/data/types';
import { RangefinderError } from '../../base/errors';
import { UsageError } from './usage-error';
import type { ValueReader } from './option';

type Kind = AudioStep['kind'];

/** What each front end consists of. */
const FRONT_ENDS = {
  raw: ['waveform'],
  spectrogram: ['waveform', 'spectrogram'],
  'log-spectrogram': ['waveform', 'spectrogram', 'log'],
  'log-mel': ['waveform', 'spectrogram', 'mel', 'log'],
  mfcc: ['waveform', 'spectrogram', 'mel', 'log', 'dct'],
} as const satisfies Readonly<Record<string, readonly Kind[]>>;

type FrontEnd = keyof typeof FRONT_ENDS;

/** Steps that a guess has none of start as MLPerf Tiny's keyword spotting has them. */
const INITIAL: { readonly [K in Kind]: Extract<AudioStep, { kind: K }> } = {
  waveform: { kind: 'waveform', rate: 16_000, samples: 16_000, every: 0, gain: 'none' },
  spectrogram: { kind: 'spectrogram', window: 480, hop: 320, fft: 512, frames: 'start', power: 1 },
  mel: { kind: 'mel', bands: 40, low: 20, high: 4000, filters: 'tensorflow' },
  log: { kind: 'log', base: 'e', epsilon: 1e-6, floor: 'add', range: 0, reference: 'one' },
  dct: { kind: 'dct', coefficients: 10, norm: 'tensorflow' },
  transpose: { kind: 'transpose' },
};

/** Words that parameters may be; all others are numbers. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  gain: ['none', 'peak'],
  frames: ['start', 'centred', 'mirrored'],
  filters: ['tensorflow', 'htk', 'slaney'],
  base: ['e', '10', 'dB'],
  floor: ['add', 'clamp'],
  reference: ['one', 'peak'],
  norm: ['tensorflow', 'orthonormal'],
};

const PARAMETERS: ReadonlyMap<string, Kind> = new Map(
  Object.values(INITIAL).flatMap((step) =>
    Object.keys(step)
      .filter((name) => name !== 'kind')
      .map((name) => [name, step.kind] as const),
  ),
);

export interface AudioChoice {
  readonly frontEnd?: FrontEnd;
  readonly parameters: ReadonlyMap<string, number | string>;
}

export const AUDIO_HELP =
  `of recordings: ${Object.keys(FRONT_ENDS).join(', ')}, and what of it to change from the guess, as in ` +
  `mfcc,window=480,hop=320 (${[...PARAMETERS.keys()].join(', ')})`;

/** @throws UsageError for words that are none of these */
export const audioChoice: ValueReader<AudioChoice> = (given, option) => {
  const parameters = new Map<string, number | string>();
  let frontEnd: FrontEnd | undefined;
  for (const part of given.split(',')) {
    const [name, value] = part.split('=').map((text) => text.trim());
    if (value === undefined && Object.hasOwn(FRONT_ENDS, name)) frontEnd = name as FrontEnd;
    else parameters.set(name, parameter(name, value, option));
  }
  return { ...(frontEnd && { frontEnd }), parameters };
};

function parameter(name: string, value: string | undefined, option: string): number | string {
  if (value === undefined || !PARAMETERS.has(name))
    throw new UsageError(`${option} takes ${Object.keys(FRONT_ENDS).join(', ')} and ${[...PARAMETERS.keys()].join('=, ')}=; not "${name}".`); // prettier-ignore
  const words = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  if (words?.includes(value)) return value;
  const number = Number(value);
  if (words || value === '' || !Number.isFinite(number) || (name === 'power' && number !== 1 && number !== 2))
    throw new UsageError(`${option}: ${name} takes ${words?.join(', ') ?? (name === 'power' ? '1 or 2' : 'a number')}; not "${value}".`); // prettier-ignore
  return number;
}

/** The guessed pipeline with what was chosen. @throws RangefinderError 'invalid-settings' where samples are no recordings */
export function withAudioChoice(guessed: Preprocessing, { frontEnd, parameters }: AudioChoice): Preprocessing {
  const own = new Map(guessed.map((step) => [step.kind, step]));
  if (!own.has('waveform'))
    throw new RangefinderError({
      code: 'invalid-settings',
      message: 'A front end of audio was chosen, and the samples are no recordings.',
      hint: 'Give WAV files, or leave --audio out.',
    });
  const audio: readonly Kind[] = frontEnd ? FRONT_ENDS[frontEnd] : [...own.keys()].filter(isAudio);
  const changed = audio.map((kind) => {
    const step = { ...(own.get(kind) ?? INITIAL[kind]) };
    return Object.assign(step, Object.fromEntries([...parameters].filter(([name]) => PARAMETERS.get(name) === kind)));
  });
  const after = guessed.filter(({ kind }) => !isAudio(kind) || (frontEnd && kind === 'transpose' && audio.length > 1));
  return [...changed, ...after];
}

function isAudio(kind: string): kind is Kind {
  return Object.hasOwn(INITIAL, kind);
}
