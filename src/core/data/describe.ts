import type { Preprocessing, PreprocessStep } from './types';

const DESCRIPTIONS: { readonly [K in PreprocessStep['kind']]: (step: Extract<PreprocessStep, { kind: K }>) => string } =
  {
    resize: ({ height, width, method, fit }) =>
      `resize to ${height}×${width} (${method}${fit === 'crop' ? ', centre crop' : ''})`,
    layout: () => 'channels first to channels last',
    channels: ({ order }) => ({ rgb: 'as RGB', bgr: 'as BGR', gray: 'to grey' })[order],
    scale: ({ scale, offset }) => scaling(scale, offset),
    normalize: ({ mean, std }) => `subtract the mean ${listed(mean)}, divide by ${listed(std)}`,
    reshape: ({ shape }) => `reshape to ${shape.join('×')}`,
    waveform: ({ rate, samples, every, gain }) =>
      `hear ${samples} values at ${rate} Hz${every > 0 ? `, from every ${every}` : ''}` +
      (gain === 'peak' ? ', divide by the largest of the recording' : ''),
    spectrogram: ({ window, hop, fft, power, frames }) =>
      `${power === 2 ? 'power' : 'magnitude'} spectrogram (windows of ${window} every ${hop}, transform of ${fft}` +
      (frames === 'start' ? ')' : `, centred, ${frames === 'centred' ? 'zeros' : 'mirrored'} beyond the ends)`),
    mel: ({ bands, low, high, filters }) =>
      `${bands} mel bands from ${rounded(low)} to ${rounded(high)} Hz (${{ tensorflow: 'TensorFlow’s', htk: 'HTK’s', slaney: 'Slaney’s' }[filters]} filters)`,
    log: ({ base, epsilon, floor, range, reference }) =>
      `${{ e: 'natural logarithm', 10: 'logarithm to base 10', dB: 'decibels' }[base]} of ` +
      (floor === 'add' ? `values + ${rounded(epsilon)}` : `values of at least ${rounded(epsilon)}`) +
      (range > 0 ? `, no more than ${rounded(range)} below the largest` : '') +
      (reference === 'peak' ? ', against the largest' : ''),
    dct: ({ coefficients, norm }) =>
      `${coefficients} cosine coefficients (${norm === 'tensorflow' ? 'TensorFlow’s scale' : 'orthonormal'})`,
    transpose: () => 'frequency before time',
  };

/** One sentence: "Resize to 96×96 (bilinear), divide by 255." */
export function preprocessingInWords(pipeline: Preprocessing): string {
  if (pipeline.length === 0) return 'Values go in as they are.';
  const words = pipeline.map(describeStep).join(', ');
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}

function describeStep<K extends PreprocessStep['kind']>(step: Extract<PreprocessStep, { kind: K }>): string {
  return (DESCRIPTIONS[step.kind] as (step: Extract<PreprocessStep, { kind: K }>) => string)(step);
}

/** A factor of 1/127.5 reads as a division; others as they are. */
function scaling(scale: number, offset: number): string {
  const divisor = 1 / scale;
  const isDivisor = Math.abs(divisor) > 1 && Math.abs(divisor * 2 - Math.round(divisor * 2)) < 1e-6;
  const factor = isDivisor ? `divide by ${rounded(divisor)}` : `multiply by ${rounded(scale)}`;
  const shift = offset < 0 ? `subtract ${rounded(-offset)}` : `add ${rounded(offset)}`;
  if (scale === 1) return offset === 0 ? 'values as they are' : shift;
  return offset === 0 ? factor : `${factor}, ${shift}`;
}

const listed = (values: readonly number[]) => values.map(rounded).join('/');

const rounded = (value: number) => String(Number(value.toPrecision(5)));
