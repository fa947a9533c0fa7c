import type { SourceFile } from '../../core/data/types';
import type { Trial } from '../../core/sweep/trial';
import { filesAt, type Allowed } from './sources';

/** What the data of a trial are made of, by what each is for. */
export type DataParts = ReadonlyMap<'data' | 'labels' | 'evaluate' | 'evaluateLabels', readonly SourceFile[]>;

type Sources = Pick<Trial['data'], 'source' | 'labels' | 'evaluate' | 'evaluateLabels'>;

/** Random data have no files. */
export async function dataFiles(sources: Sources, allowed: Allowed): Promise<DataParts> {
  const { source, labels, evaluate, evaluateLabels } = sources;
  if (source === 'random') return new Map();
  const parts = { data: source, labels, evaluate, evaluateLabels } as const;
  const named = Object.entries(parts).filter((part): part is [keyof typeof parts, string] => part[1] !== undefined);
  return new Map(
    await Promise.all(named.map(async ([name, at]) => [name, await filesAt(at, 'data', allowed)] as const)),
  );
}
