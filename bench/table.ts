/** What was measured, against what was aimed at. */

export interface Row {
  readonly what: string;
  /** Where the target is an upper bound in the same unit; absent where there is none. */
  readonly target?: number | undefined;
  readonly value: number;
  readonly unit: string;
}

function amount(value: number, unit: string): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

/** Measured, target, and their ratio: above 1 a target is missed. */
export function printTable(title: string, rows: readonly Row[]): void {
  const cells = rows.map(({ what, target, value, unit }) => [
    what,
    amount(value, unit),
    target === undefined ? '' : `≤ ${target} ${unit}`,
    target === undefined ? '' : `${(value / target).toFixed(2)}×${value > target ? '  missed' : ''}`,
  ]);
  const all = [[title, 'measured', 'target', 'of target'], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('   ');
  console.log(
    [line(all[0]!), widths.map((width) => '─'.repeat(width)).join('───'), ...all.slice(1).map(line), ''].join('\n'),
  );
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
