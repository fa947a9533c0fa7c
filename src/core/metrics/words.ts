/** Scores, differences and how sure they are, in words; the minus sign is U+2212. */
import { isWithinChance, type Difference, type Interval } from './interval';
import { metricInfo, type MetricName } from './table';

const minus = (text: string) => text.replace('-', '−');
const plain = (value: number) => minus(String(Number(value.toPrecision(4))));

/** As many decimals as two digits of the half width have. */
function besides(value: number, { low, high }: Interval): string {
  const half = (high - low) / 2;
  if (!(half > 0) || !Number.isFinite(half)) return plain(value);
  return minus(value.toFixed(Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(half))))));
}

/** "97.90 %", "14.7 dB", "0.9123", or "exact" and "not defined". */
export function valueText(metric: MetricName, value: number): string {
  if (Number.isNaN(value)) return 'not defined';
  const { unit } = metricInfo(metric);
  if (unit === 'share') return `${(100 * value).toFixed(2)} %`;
  if (unit === 'dB')
    return Number.isFinite(value) ? `${minus((value + 0).toFixed(1))} dB` : value > 0 ? 'exact' : 'no signal';
  return plain(value);
}

/** Tenths of a point, hundredths where these are known. */
function pointDigits({ low, high }: Interval): number {
  return high - low < 0.002 ? 2 : 1;
}

/** Half of an interval's width: "0.6 points". */
export function halfWidthText(metric: MetricName, { low, high }: Interval): string {
  const half = (high - low) / 2;
  if (!Number.isFinite(half)) return '?';
  const { unit } = metricInfo(metric);
  if (unit === 'share') return (100 * half).toFixed(pointDigits({ low, high }));
  return unit === 'dB' ? half.toFixed(1) : besides(half, { low, high });
}

/** "97.90 ± 0.6 %" */
export function sureText(metric: MetricName, value: number, interval: Interval | undefined): string {
  if (!interval || !Number.isFinite(value)) return valueText(metric, value);
  const isPlain = metricInfo(metric).unit === 'plain';
  const [number, ...unit] = (isPlain ? besides(value, interval) : valueText(metric, value)).split(' ');
  return [number, '±', halfWidthText(metric, interval), ...unit].join(' ');
}

/** "−68.4 ± 2.9 points"; "not defined" where either figure is not finite, as decibels of what is exact are. */
export function differenceText(metric: MetricName, difference: Difference): string {
  const { value } = difference;
  if (!Number.isFinite(value)) return 'not defined';
  const { unit } = metricInfo(metric);
  const sign = value > 0 ? '+' : '';
  const number = unit === 'share' ? minus((100 * value).toFixed(pointDigits(difference))) : unit === 'dB' ? minus(value.toFixed(1)) : besides(value, difference); // prettier-ignore
  const name = unit === 'share' ? ' points' : unit === 'dB' ? ' dB' : '';
  return `${sign}${number} ± ${halfWidthText(metric, difference)}${name}`;
}

/** "−0.4 ± 0.6 points, n = 1000, within chance" */
export function sureDifferenceText(metric: MetricName, difference: Difference): string {
  const chance = isWithinChance(difference) ? ', within chance' : '';
  return `${differenceText(metric, difference)}, n = ${difference.n}${chance}`;
}

/** What a difference means; grey for what may be chance. */
export function toneOf(metric: MetricName, difference: Difference): 'good' | 'bad' | 'even' {
  if (isWithinChance(difference)) return 'even';
  return difference.value > 0 === metricInfo(metric).higherIsBetter ? 'good' : 'bad';
}
