/** Figures of written reports in words. */
import type { MetricName } from '../contract/protocol';

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

export function scoreText(metric: MetricName, value: number | null): string {
  if (value === null) return '–';
  if (metric === 'mse') return value.toPrecision(4);
  return metric === 'sqnr' ? `${value.toFixed(2)} dB` : `${(100 * value).toFixed(2)} %`;
}

/** Shares with what chance alone may make of them: two standard errors, in points. */
export function scoreWithChance(metric: MetricName, value: number | null, samples: number): string {
  const text = scoreText(metric, value);
  if (value === null || (metric !== 'top1' && metric !== 'agreement') || samples < 1) return text;
  return `${text} ± ${(200 * Math.sqrt((value * (1 - value)) / samples)).toFixed(1)}`;
}
