/** The pictures of findings as data for the charts. */
import { rebin } from '../../../core/calibration/rebin';
import type { Range, TensorStats } from '../../../core/calibration/types';
import { axisBetween, axisFromZero } from '../../charts/axis';
import type { ChartData, Level, Point } from '../../charts/chart';
import { fullView } from '../../charts/geometry';
import { compact, real } from '../../parts/format';

/** More bars than this have no pixels of their own in a card: neighbours share one, as high as the highest. */
const MOST_BARS = 96;
const BINS = 96;

/** One value a bar; `marked` the ones that the finding is about. */
export function barsData(label: string, values: readonly number[], marked: readonly number[]): ChartData {
  const each = Math.ceil(values.length / MOST_BARS);
  const points = Array.from({ length: Math.ceil(values.length / each) }, (_, x): Point => {
    const from = x * each;
    const shared = values.slice(from, from + each);
    const last = from + shared.length - 1;
    return {
      x,
      name: each === 1 ? `${from}` : `${from} … ${last}`,
      values: [Math.max(...shared)],
      marked: marked.some((index) => index >= from && index <= last),
    };
  });
  return {
    x: { name: `0 … ${values.length - 1}`, lo: 0, hi: points.length, ticks: [], text: String },
    y: { ...axisFromZero(values, { name: label, count: 3 }), text: (value) => real(value, 3) },
    series: [{ id: 'values', label, of: 'faint', look: 'line', draw: 'bars' }],
    points,
  };
}

const logCount = (count: number) => Math.log10(1 + count);

/** Values by how often they occur, on a logarithmic axis: what is rare is what it is about. */
export function spreadData(stats: TensorStats, range: Range | null): ChartData {
  const view = fullView(Math.min(stats.min, range?.min ?? 0), Math.max(stats.max, range?.max ?? 0));
  const counts = rebin(stats.histogram, view.lo, view.hi, BINS);
  const width = (view.hi - view.lo) / BINS;
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const decades = Array.from({ length: 1 + Math.floor(Math.log10(most)) }, (_, power) => 10 ** power);
  const step = Math.ceil(decades.length / 3);
  const end = (id: string, value: number): Level => {
    return { id, label: 'range in effect', of: 'quant', look: 'dashed', along: 'x', value };
  };
  return {
    x: axisBetween(view.lo, view.hi, { name: 'Value', count: 6 }),
    y: {
      name: 'Number of values, logarithmic',
      lo: 0,
      hi: 1.05 * logCount(most),
      ticks: decades.filter((_, i) => i % step === 0).map(logCount),
      text: (height) => compact(Math.round(10 ** height - 1)),
    },
    series: [{ id: 'values', label: 'values', of: 'float', look: 'area', draw: 'area' }],
    points: Array.from(counts, (count, i) => ({
      x: view.lo + i * width,
      name: `${real(view.lo + i * width, 3)} … ${real(view.lo + (i + 1) * width, 3)}`,
      values: [logCount(count)],
    })),
    ...(range && { levels: [end('lower', range.min), end('upper', range.max)] }),
  };
}
