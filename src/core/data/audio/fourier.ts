/** The discrete Fourier transform of real windows of any length, in double precision. */

/** Magnitudes squared of the bins 0 … n/2 of `n` real values. */
export type PowerSpectrum = (values: Float64Array) => Float64Array;

/** Tables are made once for a length: powers of two by halving, others by Bluestein's convolution. */
export function powerSpectrum(n: number): PowerSpectrum {
  const transform = (n & (n - 1)) === 0 ? radix2(n) : bluestein(n);
  const bins = Math.floor(n / 2) + 1;
  return (values) => {
    const real = Float64Array.from(values);
    const imaginary = new Float64Array(n);
    transform(real, imaginary);
    return Float64Array.from({ length: bins }, (_, k) => real[k] ** 2 + imaginary[k] ** 2);
  };
}

/** Replaces complex values by their transform. */
type Transform = (real: Float64Array, imaginary: Float64Array) => void;

function radix2(n: number): Transform {
  const cosines = Float64Array.from({ length: n / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / n));
  const sines = Float64Array.from({ length: n / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / n));
  return (real, imaginary) => {
    for (let i = 1, j = 0; i < n; i++) {
      let bit = n >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i >= j) continue;
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
    for (let half = 1; half < n; half *= 2)
      for (let start = 0, stride = n / (2 * half); start < n; start += 2 * half)
        for (let k = 0; k < half; k++) {
          const [cosine, sine] = [cosines[k * stride], sines[k * stride]];
          const [low, high] = [start + k, start + k + half];
          const re = real[high] * cosine + imaginary[high] * sine;
          const im = imaginary[high] * cosine - real[high] * sine;
          real[high] = real[low] - re;
          imaginary[high] = imaginary[low] - im;
          real[low] += re;
          imaginary[low] += im;
        }
  };
}

/** L. Bluestein, 1970: with kl = (k² + l² − (k − l)²)/2 the transform is a convolution, of a length that is a power of two. */
function bluestein(n: number): Transform {
  const size = 2 ** Math.ceil(Math.log2(2 * n - 1));
  const fast = radix2(size);
  // k² modulo 2n keeps the angle exact for long windows.
  const angles = Float64Array.from({ length: n }, (_, k) => (Math.PI * ((k * k) % (2 * n))) / n);
  const [chirpReal, chirpImaginary] = [new Float64Array(size), new Float64Array(size)];
  for (let k = 0; k < n; k++) {
    chirpReal[k] = chirpReal[(size - k) % size] = Math.cos(angles[k]);
    chirpImaginary[k] = chirpImaginary[(size - k) % size] = Math.sin(angles[k]);
  }
  fast(chirpReal, chirpImaginary);
  return (real, imaginary) => {
    const [a, b] = [new Float64Array(size), new Float64Array(size)];
    for (let k = 0; k < n; k++) {
      const [cosine, sine] = [Math.cos(angles[k]), Math.sin(angles[k])];
      a[k] = real[k] * cosine + imaginary[k] * sine;
      b[k] = imaginary[k] * cosine - real[k] * sine;
    }
    fast(a, b);
    // The inverse is the transform of the conjugate, conjugated.
    for (let k = 0; k < size; k++)
      [a[k], b[k]] = [
        a[k] * chirpReal[k] - b[k] * chirpImaginary[k],
        -(a[k] * chirpImaginary[k] + b[k] * chirpReal[k]),
      ];
    fast(a, b);
    for (let k = 0; k < n; k++) {
      const [re, im] = [a[k] / size, -b[k] / size];
      const [cosine, sine] = [Math.cos(angles[k]), Math.sin(angles[k])];
      real[k] = re * cosine + im * sine;
      imaginary[k] = im * cosine - re * sine;
    }
  };
}
