import { RangefinderError } from '../../base/errors';
import type { Sample } from '../slices/samples';
import { fetchFile, type Fetch } from './fetch-files';
import type { PickedFile } from './files';

/** The list of bundled samples at `base` (the URL of `samples/`). */
export async function fetchSampleIndex(base: URL, fetcher: Fetch): Promise<readonly Sample[]> {
  const url = new URL('index.json', base);
  // The reader brings a library along, which the page is not to wait for before it shows itself.
  const [{ blob }, { readSampleIndex }] = await Promise.all([fetchFile(url, fetcher), import('./sample-index')]);
  const samples = readSampleIndex(await blob.text());
  if (samples) return samples;
  throw new RangefinderError({
    code: 'corrupt-file',
    message: 'The list of bundled samples cannot be read.',
    where: url.pathname,
    hint: 'Open a model of your own, or build the page again.',
  });
}

export async function fetchSample(
  sample: Sample,
  base: URL,
  fetcher: Fetch,
): Promise<{ model: PickedFile[]; data: PickedFile[] }> {
  const all = (paths: readonly string[]) => Promise.all(paths.map((p) => fetchFile(new URL(p, base), fetcher)));
  const [model, data] = await Promise.all([all(sample.model), all(sample.data)]);
  return { model, data };
}
