/**
 * What the options of all commands are made of. An option is one row of a group; commands spread the groups they use, so
 * the same words mean the same everywhere, and an option that a command does not name is refused.
 */
import { ESTIMATORS, estimatorOf } from '../../core/calibration/estimators/table';
import { FORMATS, formatOf } from '../../core/number-formats/table';
import { UsageError } from './usage-error';

/** Reads the text that follows an option. @throws UsageError naming the option and quoting the text */
export type ValueReader<T> = (text: string, option: string) => T;

export interface OptionRow<T> {
  /** What the help calls its value; null where it takes none. */
  readonly value: string | null;
  readonly help: string;
  readonly read: ValueReader<unknown>;
  /** Where it is not given; undefined: there is none. */
  readonly initial: T;
  /** May be given again. */
  readonly repeated?: boolean;
  /** Refused without it. */
  readonly required?: boolean;
}

/** By the name in camel case: `weightEstimator` is --weight-estimator. */
export type Options = Readonly<Record<string, OptionRow<unknown>>>;

export type ValuesOf<O extends Options> = {
  readonly [K in keyof O]: O[K] extends OptionRow<infer T> ? T : never;
};

/** A switch. */
export function flag(help: string): OptionRow<boolean> {
  return { value: null, help, read: () => true, initial: false };
}

/** An option that may be left out. */
export function optional<T>(value: string, help: string, read: ValueReader<T>): OptionRow<T | undefined> {
  return { value, help, read, initial: undefined };
}

/** An option with a value of its own where it is left out, which the help shows. */
export function withDefault<T>(value: string, help: string, read: ValueReader<T>, initial: NoInfer<T>): OptionRow<T> {
  return { value, help: `${help} (${String(initial)})`, read, initial };
}

export function required<T>(value: string, help: string, read: ValueReader<T>): OptionRow<T> {
  return { value, help, read, initial: undefined as T, required: true };
}

/** An option that may be given again; the values in their order. */
export function repeated<T>(value: string, help: string, read: ValueReader<T>): OptionRow<readonly T[]> {
  return { value, help: `${help}; may be given again`, read, initial: [], repeated: true };
}

// ---- values ----------------------------------------------------------------------------------------------------------

export const text: ValueReader<string> = (given) => given;

/** A whole number, of at least `min`. */
export function whole(min = 0): ValueReader<number> {
  return (given, option) => {
    const value = Number(given);
    if (given.trim() !== '' && Number.isSafeInteger(value) && value >= min) return value;
    throw new UsageError(`${option} takes a whole number of at least ${min}, not "${given}".`);
  };
}

/** Any finite number, of at least `min` where that is given. */
export function decimal(min = -Infinity): ValueReader<number> {
  return (given, option) => {
    const value = Number(given);
    if (given.trim() !== '' && Number.isFinite(value) && value >= min) return value;
    const floor = Number.isFinite(min) ? ` of at least ${min}` : '';
    throw new UsageError(`${option} takes a number${floor}, not "${given}".`);
  };
}

export const nonZero: ValueReader<number> = (given, option) => {
  const value = decimal()(given, option);
  if (value === 0) throw new UsageError(`${option} may be any number, but not 0.`);
  return value;
};

export function oneOf<const T extends string>(choices: readonly T[]): ValueReader<T> {
  return (given, option) => {
    if ((choices as readonly string[]).includes(given)) return given as T;
    throw new UsageError(`${option} takes ${choices.join(', ')}; not "${given}".`);
  };
}

/** Values separated by commas. */
export function listOf<T>(read: ValueReader<T>): ValueReader<readonly T[]> {
  return (given, option) => given.split(',').map((part) => read(part, option));
}

/** A row of the table of range estimators. */
export const estimator: ValueReader<string> = (id, option) => {
  if (estimatorOf(id)) return id;
  throw new UsageError(`${option} takes ${ESTIMATORS.map((row) => row.id).join(', ')}; not "${id}".`);
};

/** A row of the table of number formats. */
export const format: ValueReader<string> = (id, option) => {
  if (formatOf(id)) return id;
  throw new UsageError(`${option} takes ${FORMATS.map((row) => row.id).join(', ')}; not "${id}".`);
};
