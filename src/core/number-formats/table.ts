import { FLEXIBLE } from './flexible';
import { FP8 } from './fp8';
import { HALF } from './half';
import { INTEGERS } from './integers';
import { MICROSCALING } from './microscaling';
import type { FormatRow } from './row';
import { SMALL_FLOATS } from './small-floats';

/** Every number format with a name. A new one is a row in its family's file. */
export const FORMATS: readonly FormatRow[] = [
  ...INTEGERS,
  ...HALF,
  ...FP8,
  ...FLEXIBLE,
  ...SMALL_FLOATS,
  ...MICROSCALING,
];

export function formatOf(id: string): FormatRow | undefined {
  return FORMATS.find((row) => row.id === id);
}
