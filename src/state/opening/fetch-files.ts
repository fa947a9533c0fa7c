/** Models and data by URL, under the same typed errors as files from disk. */
import { toErrorInfo, RangefinderError } from '../../base/errors';
import type { PickedFile } from './files';

export type Fetch = (url: string, init?: { signal?: AbortSignal }) => Promise<Response>;

/** Fetches one file; a TF.js `model.json` brings the shards its manifest names. */
export async function fetchWithShards(url: string, fetcher: Fetch, signal?: AbortSignal): Promise<PickedFile[]> {
  const parsed = parseUrl(url);
  const file = await fetchFile(parsed, fetcher, signal);
  if (!parsed.pathname.endsWith('.json')) return [file];
  const shards = manifestPaths(await file.blob.text());
  return [file, ...(await Promise.all(shards.map((path) => fetchFile(new URL(path, parsed), fetcher, signal, path))))];
}

export async function fetchFile(url: URL, fetcher: Fetch, signal?: AbortSignal, path?: string): Promise<PickedFile> {
  let response: Response;
  try {
    response = await fetcher(url.href, signal && { signal });
  } catch (cause) {
    if (signal?.aborted) throw new RangefinderError(toErrorInfo(cause));
    throw new RangefinderError(
      {
        code: 'missing-file',
        message: `${url.host} did not hand out the file.`,
        where: url.href,
        hint: 'The server may be down or may not allow other sites to read from it (CORS); download the file and drop it here.',
      },
      { cause },
    );
  }
  if (!response.ok)
    throw new RangefinderError({
      code: 'missing-file',
      message: `${url.host} answered ${response.status}${response.statusText ? ` ${response.statusText}` : ''}.`,
      where: url.href,
      hint: 'Check the address; it must lead to the file itself, not to a page about it.',
    });
  return {
    path: path ?? decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1)),
    blob: await response.blob(),
  };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text.trim());
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new RangefinderError({
    code: 'missing-file',
    message: 'This is not a web address.',
    where: text.slice(0, 200),
    hint: 'Paste a full address, beginning with https://',
  });
}

/** Shard paths of a LayersModel's weights manifest; none if the text is something else. */
function manifestPaths(text: string): string[] {
  try {
    const { weightsManifest } = JSON.parse(text) as { weightsManifest?: readonly { paths?: unknown }[] };
    if (!Array.isArray(weightsManifest)) return [];
    return weightsManifest.flatMap(({ paths }) =>
      Array.isArray(paths) ? paths.filter((p) => typeof p === 'string') : [],
    );
  } catch {
    return []; // not JSON after all: the model reader says so
  }
}
