/** How Keras keeps texts in HDF5 attributes. */
import type { Hdf5Group } from '../hdf5/file';

export function textAttribute(group: Hdf5Group, name: string): string | undefined {
  return group.texts(name)?.[0];
}

/**
 * A list of names. Keras splits lists over 64 KiB into `name0`, `name1`, …; an empty list is written as zero numbers.
 */
export function textsAttribute(group: Hdf5Group, name: string): readonly string[] | undefined {
  const whole = group.texts(name);
  if (whole) return whole;
  const parts: string[] = [];
  for (let n = 0; ; n++) {
    const part = group.texts(`${name}${n}`);
    if (!part) return n ? parts : undefined;
    parts.push(...part);
  }
}
