/** What all commands' grammars are made of: options and what they take. Whatever is off is a usage error. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ESTIMATORS, estimatorOf } from '../../core/calibration/estimators/table';
import { UsageError } from './usage-error';

type Options = NonNullable<ParseArgsConfig['options']>;

/** @throws UsageError for an option that is not among them, or that lacks its value */
export function parsedBy<const O extends Options>(options: O, argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The only argument of a command besides its options. */
export function modelOf(command: string, [model, ...rest]: readonly string[]): string {
  if (model === undefined) throw new UsageError(`${command} needs a MODEL.`);
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one argument too many.`);
  return model;
}

export function number(name: string, text: string, { integer = true, min = 0 } = {}): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= min && (!integer || Number.isInteger(value)))
    return value;
  const floor = Number.isFinite(min) ? ` of at least ${min}` : '';
  throw new UsageError(`--${name} takes ${integer ? 'a whole number' : 'a number'}${floor}, not "${text}".`);
}

export function real(name: string, text: string): number {
  return number(name, text, { integer: false, min: -Infinity });
}

export function nonZero(name: string, text: string): number {
  const value = real(name, text);
  if (value === 0) throw new UsageError(`--${name} may be any number, but not 0.`);
  return value;
}

export function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  if ((choices as readonly string[]).includes(text)) return text as T;
  throw new UsageError(`--${name} takes ${choices.join(', ')}; not "${text}".`);
}

export function estimator(name: string, id: string): string {
  if (estimatorOf(id)) return id;
  throw new UsageError(`--${name} takes ${ESTIMATORS.map((row) => row.id).join(', ')}; not "${id}".`);
}
