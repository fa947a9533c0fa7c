/** Raw samples as pictures, for people to look at. */
import type { SampleSource } from '../../core/data/types';
import { thumbnail } from '../../engine/images/decode';
import type { Spec } from '../contract/jobs';
import type { SamplePreview } from '../contract/protocol';
import type { Session } from '../session/session';

/** As they are in the file, before preprocessing, each with the name of its label. Images stay on disk until they are read. */
export async function picturesOf(source: SampleSource, samples: Iterable<number>): Promise<SamplePreview[]> {
  const indices = [...samples];
  for (const index of indices) source.fetch?.(index);
  const pictures: SamplePreview[] = [];
  for (const index of indices) {
    const label = source.labels?.[index];
    const name = label === undefined ? undefined : (source.classNames?.[label] ?? String(label));
    pictures.push({ index, ...thumbnail(await source.read(index)), ...(name !== undefined && { label: name }) });
  }
  return pictures;
}

export function samplePictures(session: Session, { samples }: Spec<'samplePictures'>): Promise<SamplePreview[]> {
  return picturesOf(session.data.source, samples);
}
