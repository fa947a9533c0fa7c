/** The values that weights can take, for algorithms that choose among them. */
import { codeRange, INT8_WEIGHT, type FloatFormat, type IntFormat } from '../number-formats/format';
import { codecOf } from '../number-formats/codecs';
import { roundHalfToEven } from '../numerics/round';
import type { WeightPlan } from '../quantize/plan';

/** Levels: values of a grid at step 1. Integers, or the numbers of a floating-point format. */
export interface WeightGrid {
  readonly lowest: number;
  readonly highest: number;
  /** Ties to even; saturates. */
  nearest(quotient: number): number;
  /** The level at or below, as if the grid had no end. */
  below(quotient: number): number;
  /** The next level up, likewise. */
  above(level: number): number;
}

export function integerGrid({ qmin, qmax }: { readonly qmin: number; readonly qmax: number }): WeightGrid {
  return {
    lowest: qmin,
    highest: qmax,
    nearest: (quotient) => Math.min(qmax, Math.max(qmin, roundHalfToEven(Math.fround(quotient)))),
    below: Math.floor,
    above: (level) => level + 1,
  };
}

const UNIT = { scale: 1, zeroPoint: 0 };

/** Of few bits: all its numbers are listed. Beyond its ends the outermost step goes on. */
function floatGrid(format: FloatFormat): WeightGrid {
  const codec = codecOf(format);
  const numbers = new Set(Array.from(codec.codes(), (code) => codec.decode(code, UNIT) + 0));
  const levels = Float64Array.from([...numbers].filter(Number.isFinite)).sort();
  const last = levels.length - 1;
  const [lowest, highest] = [levels[0], levels[last]];
  const step = highest - levels[last - 1];
  const indexBelow = (x: number) => {
    let [from, to] = [0, levels.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (levels[middle] <= x) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  };
  const outside = (x: number) => x < lowest || x >= highest;
  return {
    lowest,
    highest,
    nearest: (quotient) => codec.decode(codec.encode(Math.fround(quotient), UNIT), UNIT) + 0,
    below: (x) => (outside(x) ? Math.floor((x - highest) / step) * step + highest : levels[indexBelow(x)]),
    above: (level) => (outside(level) ? level + step : levels[indexBelow(level) + 1]),
  };
}

const made = new Map<string, WeightGrid>();

function gridOf(format: IntFormat | FloatFormat): WeightGrid {
  const key = JSON.stringify(format);
  let grid = made.get(key);
  if (!grid) made.set(key, (grid = format.kind === 'int' ? integerGrid(codeRange(format)) : floatGrid(format)));
  return grid;
}

/** Null for what has no one step for each row: blocks, and floats that are wide enough to go without a scale. */
export function weightGrid({ format = INT8_WEIGHT, block }: WeightPlan): WeightGrid | null {
  if (format.kind === 'block' || block !== undefined) return null;
  if (format.kind === 'int') return format.symmetric ? gridOf(format) : null;
  return format.scaled ? gridOf(format) : null;
}
