/** What training bought and what it cost, in a sentence made of measured figures. */
import { metricInfo } from '../../../core/metrics/table';
import type { Score } from '../../../jobs/contract/judgement-protocol';
import { bytes, decibels, duration, real } from '../../parts/format';

export interface Bargain {
  readonly float: Score;
  /** Quantized without training. */
  readonly before: Score;
  readonly after: Score;
  /** "4 bits" */
  readonly bits: string;
  readonly epochs: number;
  /** That training took. */
  readonly milliseconds: number;
  /** Bytes of the files; null where one was not written. */
  readonly size: { readonly before: number; readonly after: number } | null;
}

/** Shares that nobody would tell apart, in points. */
const EVEN_POINTS = 0.05;

export function verdict(bargain: Bargain): string {
  const { epochs, milliseconds } = bargain;
  const cost = `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}, ${duration(milliseconds)}`;
  return [bought(bargain), cost, fileSize(bargain.size)].filter(Boolean).join('; ') + '.';
}

function bought({ float, before, after, bits }: Bargain): string {
  if (after.metric === 'sqnr')
    return `QAT brought the output from ${decibels(before.value)} to ${decibels(after.value)} against float`;
  if (metricInfo(after.metric).unit !== 'share')
    return `QAT brought the ${metricInfo(after.metric).label} from ${real(before.value, 3)} to ${real(after.value, 3)} (float ${real(float.value, 3)})`;
  const points = (share: number) => Math.abs(100 * share).toFixed(1);
  const lost = 100 * (float.value - before.value);
  const won = 100 * (after.value - before.value);
  if (lost < EVEN_POINTS) {
    const change =
      Math.abs(won) < EVEN_POINTS ? 'changed nothing' : `${won > 0 ? 'won' : 'lost'} ${points(won / 100)} points`;
    return `Going to ${bits} had lost nothing, and QAT ${change}`;
  }
  const all = `${points(lost / 100)} points lost to ${bits}`;
  if (Math.abs(won) < EVEN_POINTS) return `QAT won back nothing of the ${all}`;
  if (won < 0) return `QAT lost ${points(won / 100)} points more than the ${all}`;
  if (won >= lost - EVEN_POINTS)
    return won > lost + EVEN_POINTS
      ? `QAT won back all ${all}, and ${points((won - lost) / 100)} more`
      : `QAT won back all ${all}`;
  return `QAT won back ${points(won / 100)} of ${all}`;
}

function fileSize(size: Bargain['size']): string {
  if (!size) return '';
  const change = size.after - size.before;
  if (change === 0) return 'the file is as large';
  return `the file is ${bytes(Math.abs(change))} ${change > 0 ? 'larger' : 'smaller'}`;
}
