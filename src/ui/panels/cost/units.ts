import type { CostMetric } from '../../../core/cost/table';
import { bytes, compact } from '../../parts/format';

const TEXT: Readonly<Record<CostMetric['unit'], (value: number) => string>> = {
  count: compact,
  bytes,
  'bit operations': compact,
  pJ: energy,
  bits: (n) => `${n} bits`,
  '× INT8': (n) => `${n.toFixed(2)}×`,
};

/** A figure of the cost table with its unit; a dash where there is none. */
export function costText(value: number | null, unit: CostMetric['unit']): string {
  return value === null ? '–' : TEXT[unit](value);
}

/** Picojoules in the unit that leaves one to three digits before the point. */
export function energy(picojoules: number): string {
  const units = ['pJ', 'nJ', 'µJ', 'mJ'] as const;
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, picojoules)) / 3)));
  const value = picojoules / 1000 ** step;
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[step]}`;
}
