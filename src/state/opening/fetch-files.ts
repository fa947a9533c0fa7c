/** Models and data by URL, under the same typed errors as files from disk. */
import { BUDGET } from '../../base/budget';
import { toErrorInfo, RangefinderError } from '../../base/errors';
import type { PickedFile } from './files';
import { besides, checkRemote, notWeb } from './remote-rules';

export type Fetch = (url: string, init?: { signal?: AbortSignal }) => Promise<Response>;

/** What fetching an address that a person pasted is bound to. */
export interface Remote {
  readonly fetcher: Fetch;
  /** Host name of the page, which may lie in a private network. */
  readonly ownHost: string;
  readonly signal?: AbortSignal;
}

/**
 * Fetches one file; a TF.js `model.json` brings the shards its manifest names, from its own directory.
 *
 * @throws RangefinderError 'missing-file', 'too-large' for more files or bytes than are held, and as `checkRemote` and
 *   `besides` do, also for where redirects end
 */
export async function fetchWithShards(text: string, remote: Remote): Promise<PickedFile[]> {
  const url = URL.parse(text.trim());
  if (!url) throw notWeb(text);
  const allowance = new Allowance();
  const file = await fetchRemote(url, remote, allowance);
  if (!url.pathname.endsWith('.json')) return [file];
  const shards = manifestPaths(await file.blob.text());
  if (shards.length > BUDGET.remoteFiles)
    throw tooLarge(`The model names ${shards.length} files; up to ${BUDGET.remoteFiles} are fetched.`, url);
  const places = shards.map((path) => ({ path, url: besides(url, path) }));
  return [file, ...(await Promise.all(places.map((place) => fetchRemote(place.url, remote, allowance, place.path))))];
}

async function fetchRemote(url: URL, remote: Remote, allowance: Allowance, path?: string): Promise<PickedFile> {
  checkRemote(url, remote.ownHost);
  const response = await answer(url, remote.fetcher, remote.signal);
  // A browser follows redirects by itself and tells where they ended.
  const end = URL.parse(response.url);
  if (end) checkRemote(end, remote.ownHost);
  return { path: path ?? fileName(url), blob: await allowance.read(response, url) };
}

/** Bytes that may still come, over all files of a model. */
class Allowance {
  private left: number = BUDGET.bytes.files;

  /** What a server declares is checked first, what comes is counted. */
  async read(response: Response, url: URL): Promise<Blob> {
    const declared = Number(response.headers.get('content-length') ?? 0);
    if (declared > this.left) throw tooMuch(url);
    if (!response.body) return response.blob();
    const parts: BlobPart[] = [];
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Blob(parts);
      this.left -= value.byteLength;
      if (this.left < 0) {
        await reader.cancel();
        throw tooMuch(url);
      }
      parts.push(value);
    }
  }
}

const tooMuch = (url: URL) => tooLarge(`More than ${BUDGET.bytes.files / 2 ** 30} GiB would come.`, url);

const tooLarge = (message: string, url: URL) =>
  new RangefinderError({
    code: 'too-large',
    message,
    where: url.href,
    hint: 'Download the files and drop them here, a part of the data at a time.',
  });

/** Fetches a file of the page itself. */
export async function fetchFile(url: URL, fetcher: Fetch, signal?: AbortSignal): Promise<PickedFile> {
  const response = await answer(url, fetcher, signal);
  return { path: fileName(url), blob: await response.blob() };
}

function fileName({ pathname }: URL): string {
  const name = pathname.slice(pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a percent sign that encodes nothing
  }
}

async function answer(url: URL, fetcher: Fetch, signal?: AbortSignal): Promise<Response> {
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
  return response;
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
