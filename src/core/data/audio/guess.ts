/**
 * Which front end a model listens through, by the shape of its input: the numbers of frames and of bands are what widely used
 * ones have, on recordings of the length that the data has. What a shape leaves open, such as the scale of the values, is a
 * list to be tried.
 */
import type { PreprocessStep, RawSample } from '../types';
import { frameCount } from './front-end';
import type { AudioStep, DctStep, LogStep, MelStep, SpectrogramStep } from './steps';

export interface AudioCandidate {
  readonly id: string;
  /** For people: "MFCC as MLPerf Tiny has it". */
  readonly label: string;
  readonly pipeline: readonly PreprocessStep[];
}

/** Recordings as the guess sees them. */
interface Recordings {
  readonly rate: number;
  /** Values of the longest. */
  readonly length: number;
}

type Frames = Pick<SpectrogramStep, 'window' | 'hop' | 'fft' | 'frames'>;

/** Windows in seconds: of the speech tutorials and benchmarks first, then the defaults of the libraries. */
const FRAMINGS: readonly ((rate: number) => Frames)[] = [
  (rate) => ofSeconds(rate, 0.03, 0.02),
  (rate) => ofSeconds(rate, 0.025, 0.01),
  (rate) => ({ ...ofSeconds(rate, 0.025, 0.01), fft: Math.round(0.025 * rate), frames: 'mirrored' }),
  (rate) => ofSeconds(rate, 0.04, 0.02),
  (rate) => ofSeconds(rate, 0.03, 0.01),
  (rate) => ofSeconds(rate, 0.02, 0.01),
  () => ({ window: 255, hop: 128, fft: 256, frames: 'start' }),
  ...[
    [1024, 512],
    [2048, 512],
    [512, 256],
    [1024, 256],
    [512, 128],
    [512, 160],
    [400, 200],
  ].map(([fft, hop]) => (): Frames => ({ window: fft, hop, fft, frames: 'centred' })),
];

function ofSeconds(rate: number, window: number, hop: number): Frames {
  const values = Math.round(window * rate);
  return { window: values, hop: Math.round(hop * rate), fft: 2 ** Math.ceil(Math.log2(values)), frames: 'start' };
}

/** Flat inputs that are frames of bands one after the other: autoencoders for machine noise, keyword spotting. */
const FLAT: readonly (readonly [frames: number, bands: number])[] = [
  [5, 128],
  [5, 64],
  [49, 10],
  [49, 13],
  [49, 40],
  [98, 40],
];

/** Fewer bands than this are cosine coefficients, as many are mel bands. */
const FEWEST_BANDS = 24;
const MOST_BANDS = 160;

/**
 * What is worth trying, the most likely first.
 * @param inputShape without the batch
 * @param samples raw recordings
 */
export function audioCandidates(inputShape: readonly number[], samples: readonly RawSample[]): AudioCandidate[] {
  const recordings = {
    rate: samples[0].rate ?? 16_000,
    length: Math.max(...samples.map(({ shape }) => shape[0])),
  };
  const dims = inputShape.filter((d) => d > 1);
  const flat = dims.length === 1 ? FLAT.find(([frames, bands]) => frames * bands === dims[0]) : undefined;
  if (dims.length === 2) return ofFrames(dims[0], dims[1], recordings);
  const candidates = flat ? ofFlat(flat, recordings) : raw(elements(dims), recordings);
  if (!flat && dims.length < 2) return candidates;
  const reshape: PreprocessStep = { kind: 'reshape', shape: inputShape };
  return candidates.map((candidate) => ({ ...candidate, pipeline: [...candidate.pipeline, reshape] }));
}

const elements = (dims: readonly number[]) => dims.reduce((n, d) => n * d, 1);

/** The waveform itself, in the ranges that libraries load it in. */
function raw(samples: number, { rate }: Recordings): AudioCandidate[] {
  const heard = (gain: 'none' | 'peak') => ({ kind: 'waveform', rate, samples, every: 0, gain }) as const;
  return [
    { id: 'waveform', label: 'the waveform in −1 … 1', pipeline: [heard('none')] },
    { id: 'waveform-peak', label: 'the waveform divided by its largest value', pipeline: [heard('peak')] },
  ];
}

/** A few frames of a long recording, as DCASE's baseline and MLPerf Tiny's anomaly detection take them with librosa. */
function ofFlat([frames, bands]: readonly [number, number], recordings: Recordings): AudioCandidate[] {
  if (frames !== 5) return ofFrames(frames, bands, recordings);
  const { rate } = recordings;
  const [fft, hop] = [1024, 512];
  return [
    {
      id: 'dcase',
      label: `log-mel of ${frames} frames as MLPerf Tiny’s anomaly detection has it`,
      pipeline: [
        { kind: 'waveform', rate, samples: fft + (frames - 1) * hop, every: hop, gain: 'none' },
        { kind: 'spectrogram', window: fft, hop, fft, frames: 'start', power: 2 },
        { kind: 'mel', bands, low: 0, high: rate / 2, filters: 'slaney' },
        { ...DECIBELS, epsilon: Number.EPSILON, floor: 'add', range: 0, reference: 'one' },
      ],
    },
  ];
}

const DECIBELS: LogStep = { kind: 'log', base: 'dB', epsilon: 1e-10, floor: 'clamp', range: 0, reference: 'one' };

/** Two dimensions: time and frequency, in the order that a known framing has. */
function ofFrames(first: number, second: number, recordings: Recordings): AudioCandidate[] {
  const [forward, swapped] = [framingOf(first, second, recordings), framingOf(second, first, recordings)] as const;
  const isSwapped = swapped.misfit < forward.misfit;
  const { spectrogram, samples } = isSwapped ? swapped : forward;
  const bands = isSwapped ? first : second;
  const { rate } = recordings;
  const loudness = (gain: 'none' | 'peak') => ({ kind: 'waveform', rate, samples, every: 0, gain }) as const;
  const end: AudioStep[] = isSwapped ? [{ kind: 'transpose' }] : [];
  const candidate = (id: string, label: string, ...pipeline: AudioStep[]) => ({ id, label, pipeline: [...pipeline, ...end] }); // prettier-ignore
  const magnitude: SpectrogramStep = { ...spectrogram, power: 1 };
  const power: SpectrogramStep = { ...spectrogram, power: 2 };
  if (bands === Math.floor(spectrogram.fft / 2) + 1)
    return [
      candidate('magnitude', 'the spectrogram’s magnitudes', loudness('none'), magnitude),
      candidate('log-magnitude', 'the logarithm of the spectrogram', loudness('none'), magnitude, natural(1e-6)),
      candidate('decibels', 'the spectrogram in decibels', loudness('none'), power, DECIBELS),
    ];
  const isMfcc = bands < FEWEST_BANDS;
  const speech: MelStep = {
    kind: 'mel',
    bands: isMfcc ? 40 : bands,
    low: 20,
    high: Math.min(4000, rate / 2),
    filters: 'tensorflow',
  };
  const whole = { low: 0, high: rate / 2, bands: isMfcc ? 128 : bands };
  const htk: MelStep = { kind: 'mel', ...whole, filters: 'htk' };
  const slaney: MelStep = { kind: 'mel', ...whole, filters: 'slaney' };
  const cosine = (norm: DctStep['norm']): AudioStep[] => (isMfcc ? [{ kind: 'dct', coefficients: bands, norm }] : []);
  const name = isMfcc ? 'MFCC' : 'log-mel';
  const tensorflow: MelStep = isMfcc ? speech : { ...speech, low: 80, high: Math.min(7600, rate / 2) };
  const cut: LogStep = { ...DECIBELS, range: 80 };
  const all = [
    candidate('speech-peak', `${name} as MLPerf Tiny has it`, loudness('peak'), magnitude, speech, natural(1e-6), ...cosine('tensorflow')), // prettier-ignore
    candidate('speech', `${name} of TensorFlow, 20 Hz … 4 kHz`, loudness('none'), magnitude, speech, natural(1e-6), ...cosine('tensorflow')), // prettier-ignore
    candidate('tensorflow', `${name} of TensorFlow, 80 Hz … 7.6 kHz`, loudness('none'), magnitude, { ...tensorflow, low: 80, high: Math.min(7600, rate / 2) }, natural(1e-6), ...cosine('tensorflow')), // prettier-ignore
    candidate('librosa', `${name} of librosa, in decibels`, loudness('none'), power, slaney, cut, ...cosine('orthonormal')), // prettier-ignore
    candidate('torchaudio', `${name} of torchaudio`, loudness('none'), power, htk, DECIBELS, ...cosine('orthonormal')),
  ];
  // What frames around their centres is librosa or torchaudio.
  return spectrogram.frames === 'start' ? all : [...all.slice(3), ...all.slice(0, 3)];
}

function natural(epsilon: number): LogStep {
  return { kind: 'log', base: 'e', epsilon, floor: 'add', range: 0, reference: 'one' };
}

interface Framing {
  readonly spectrogram: SpectrogramStep;
  readonly samples: number;
  /** How far the recordings are from what the framing needs, as a share; beyond all where the bands are unlikely. */
  readonly misfit: number;
}

/** The framing that makes `frames` of about as much as the recordings hold; where none does, hops that divide them. */
function framingOf(frames: number, bands: number, { rate, length }: Recordings): Framing {
  const rows = FRAMINGS.map((row) =>
    fitted({ kind: 'spectrogram', power: 1, ...row(rate) }, frames, { length, unit: rate / 10 }),
  );
  const isLinear = (spectrogram: SpectrogramStep) => bands === Math.floor(spectrogram.fft / 2) + 1;
  const linear = rows.filter(({ spectrogram }) => isLinear(spectrogram));
  const [best] = [...(linear.length > 0 ? linear : rows)].sort((a, b) => a.misfit - b.misfit);
  const unlikely = linear.length === 0 && bands > MOST_BANDS ? 100 : 0;
  if (best.misfit < 0.1) return { ...best, misfit: best.misfit + unlikely };
  const hop = Math.max(1, Math.floor(length / (frames + 1)));
  const fft = 2 ** Math.ceil(Math.log2(2 * hop));
  const even: SpectrogramStep = { kind: 'spectrogram', window: 2 * hop, hop, fft, frames: 'start', power: 1 };
  return { spectrogram: even, samples: 2 * hop + (frames - 1) * hop, misfit: 1 + unlikely };
}

/** The number of values nearest to `length`, a multiple of `unit` at best, of which a framing makes so many frames. */
function fitted(
  spectrogram: SpectrogramStep,
  frames: number,
  { length, unit }: { length: number; unit: number },
): Framing {
  const { window, hop } = spectrogram;
  const least = (spectrogram.frames === 'start' ? window : spectrogram.fft % 2) + (frames - 1) * hop;
  const wanted = Math.ceil(length / unit) * unit;
  const samples = Math.min(Math.max(wanted, least), least + hop - 1);
  const exact = frameCount(spectrogram, samples) === frames ? samples : least;
  return { spectrogram, samples: exact, misfit: Math.abs(exact - length) / length };
}
