/** The steps from a recording to what a model hears: plain data, as projects keep them. */

/** Mono at a rate and of a length: channels are averaged, what is missing is zeros at the end, what is beyond is cut. */
export interface WaveformStep {
  readonly kind: 'waveform';
  /** Samples a second; recordings of another rate are resampled. */
  readonly rate: number;
  /** Samples of what the model hears at once. */
  readonly samples: number;
  /** A sample of the data set begins every so many values of the recording; 0: one at its beginning. */
  readonly every: number;
  /** peak: divided by the largest value of the recording, as MLPerf Tiny's keyword spotting does. */
  readonly gain: 'none' | 'peak';
}

/** Short-time Fourier transform with a periodic Hann window: [frames, bins]. */
export interface SpectrogramStep {
  readonly kind: 'spectrogram';
  /** Values of a window. */
  readonly window: number;
  /** Values from one window to the next. */
  readonly hop: number;
  /** Values of the transform; the window is padded with zeros, as TensorFlow at its end, librosa and PyTorch around it. */
  readonly fft: number;
  /** Windows start at multiples of the hop, or are centred on them, the recording continued by zeros or mirrored. */
  readonly frames: 'start' | 'centred' | 'mirrored';
  /** 1 is the magnitude, 2 the power. */
  readonly power: 1 | 2;
}

/** Triangular filters equally spaced on the mel scale: [frames, bands]. */
export interface MelStep {
  readonly kind: 'mel';
  readonly bands: number;
  /** Hertz. */
  readonly low: number;
  readonly high: number;
  /** HTK's scale with triangles in mel (TensorFlow) or in hertz (torchaudio), or Slaney's, whose triangles have equal areas (librosa). */
  readonly filters: 'tensorflow' | 'htk' | 'slaney';
}

export interface LogStep {
  readonly kind: 'log';
  /** dB is ten times the logarithm to the base of 10. */
  readonly base: 'e' | '10' | 'dB';
  /** Added to values, or the least that they are taken for. */
  readonly epsilon: number;
  readonly floor: 'add' | 'clamp';
  /** What lies further below the largest value of the recording is lifted to it, in the unit of the result; 0: nothing is. */
  readonly range: number;
  /** Whether the largest value of the recording is taken for 1. */
  readonly reference: 'one' | 'peak';
}

/** Cosine transform (type II) along the bands, of which the first coefficients are kept: MFCCs. */
export interface DctStep {
  readonly kind: 'dct';
  readonly coefficients: number;
  /** The first coefficient is √2 larger in TensorFlow than in librosa and torchaudio, which are orthonormal. */
  readonly norm: 'tensorflow' | 'orthonormal';
}

/** [frames, bands] to [bands, frames], PyTorch's layout. */
export interface TransposeStep {
  readonly kind: 'transpose';
}

export type AudioStep = WaveformStep | SpectrogramStep | MelStep | LogStep | DctStep | TransposeStep;
