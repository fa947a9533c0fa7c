/** The grammar of `--size NAME=N`: sizes of dimensions that a model leaves open. */
import type { InputSizes } from '../../core/model-formats/open-sizes';
import { UsageError } from './usage-error';

export const SIZE_OPTION = { size: { type: 'string', multiple: true } } as const;

export const SIZE_USAGE = `--size NAME=N          the size of a dimension that the model leaves open; may be given again`;

/** @throws UsageError quoting what is off */
export function parseSizes(given: readonly string[] = []): InputSizes {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.lastIndexOf('=');
      const size = Number(text.slice(at + 1));
      if (at < 1 || !/^\d+$/.test(text.slice(at + 1)) || size < 1)
        throw new UsageError(`--size takes NAME=N, for instance height=224; not "${text}".`);
      return [text.slice(0, at), size];
    }),
  );
}

/** What to add to the command for a model that leaves sizes open. */
export function sizesAsked(names: readonly string[]): string {
  return names
    .map((name) => `--size ${/^[\w.-]+$/.test(name) ? name : `'${name}'`}=N`.replace(/'=N$/, "=N'"))
    .join(' ');
}
