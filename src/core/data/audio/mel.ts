/** Filter banks on the mel scale. */
import type { MelStep } from './steps';

const HTK = {
  ofHertz: (hertz: number) => 2595 * Math.log10(1 + hertz / 700),
  toHertz: (mel: number) => 700 * (10 ** (mel / 2595) - 1),
};

/** Slaney's Auditory Toolbox: linear up to 1 kHz, then 27 steps to a factor of 6.4. */
const SLANEY = {
  ofHertz: (hertz: number) => (hertz < 1000 ? (3 * hertz) / 200 : 15 + (27 * Math.log(hertz / 1000)) / Math.log(6.4)),
  toHertz: (mel: number) => (mel < 15 ? (200 * mel) / 3 : 1000 * 6.4 ** ((mel - 15) / 27)),
};

/** Weights by band and then by bin, of `bins` bins from 0 to half of `rate`. */
export function melFilters({ bands, low, high, filters }: MelStep, bins: number, rate: number): Float64Array[] {
  const { ofHertz, toHertz } = filters === 'slaney' ? SLANEY : HTK;
  const [first, last] = [ofHertz(low), ofHertz(high)];
  const edges = Float64Array.from({ length: bands + 2 }, (_, i) => first + ((last - first) * i) / (bands + 1));
  const isTensorflow = filters === 'tensorflow';
  const corners = isTensorflow ? edges : edges.map(toHertz);
  const places = Float64Array.from({ length: bins }, (_, bin) => {
    const hertz = (bin * rate) / 2 / (bins - 1);
    return isTensorflow ? ofHertz(hertz) : hertz;
  });
  return Array.from({ length: bands }, (_, band) => {
    const [left, centre, right] = corners.subarray(band, band + 3);
    const area = filters === 'slaney' ? 2 / (right - left) : 1;
    return places.map((place, bin) => {
      // TensorFlow leaves the constant part out, whatever the lowest edge.
      if (isTensorflow && bin === 0) return 0;
      return area * Math.max(0, Math.min((place - left) / (centre - left), (right - place) / (right - centre)));
    });
  });
}
