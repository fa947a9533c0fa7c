/** The grammar of `--size NAME=N`: sizes of dimensions that a model leaves open. */
import type { InputSizes } from '../../core/model-formats/open-sizes';
import { UsageError } from './usage-error';

export type NamedSize = readonly [name: string, size: number];

/** @throws UsageError quoting what is off */
export function readSize(text: string): NamedSize {
  const at = text.lastIndexOf('=');
  const size = Number(text.slice(at + 1));
  if (at < 1 || !/^\d+$/.test(text.slice(at + 1)) || size < 1)
    throw new UsageError(`--size takes NAME=N, for instance height=224; not "${text}".`);
  return [text.slice(0, at), size];
}

export function sizesOf(given: readonly NamedSize[]): InputSizes {
  return Object.fromEntries(given);
}

/** What to add to the command for a model that leaves sizes open. */
export function sizesAsked(names: readonly string[]): string {
  return names
    .map((name) => `--size ${/^[\w.-]+$/.test(name) ? name : `'${name}'`}=N`.replace(/'=N$/, "=N'"))
    .join(' ');
}
