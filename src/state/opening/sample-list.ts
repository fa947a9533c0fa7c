import { z } from 'zod/mini';
import { RangefinderError } from '../../base/errors';
import type { Sample } from '../slices/samples';
import { fetchFile, type Fetch } from './fetch-files';
import type { PickedFile } from './files';

const INDEX = z.array(
  z.object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    model: z.array(z.string()),
    data: z.array(z.string()),
    default: z.optional(z.boolean()),
    story: z.optional(
      z.object({ granularity: z.enum(['tensor', 'channel', 'block']), tab: z.enum(['layer', 'diagnose', 'improve']) }),
    ),
  }),
);

/** The list of bundled samples at `base` (the URL of `samples/`). */
export async function fetchSampleIndex(base: URL, fetcher: Fetch): Promise<readonly Sample[]> {
  const url = new URL('index.json', base);
  const { blob } = await fetchFile(url, fetcher);
  const parsed = INDEX.safeParse(parseJson(await blob.text()));
  if (parsed.success) return parsed.data;
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
