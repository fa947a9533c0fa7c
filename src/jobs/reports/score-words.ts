/** Figures of written reports in words. */
import { sureText, valueText } from '../../core/metrics/words';
import type { Report } from './report';

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

/** Of the float model and of the file, simulated where it was not run; the latter with what chance may make of it. */
export function scoresOf({ accuracy }: Report): { readonly before: string; readonly after: string } {
  const { metric, float, file, quantized, interval } = accuracy;
  const value = file ?? quantized;
  const sure = (file === null ? interval.quantized : interval.file) ?? { low: null, high: null };
  const known = sure.low === null || sure.high === null ? undefined : { low: sure.low, high: sure.high };
  return {
    before: float === null ? '–' : valueText(metric, float),
    after: value === null ? '–' : sureText(metric, value, known),
  };
}
