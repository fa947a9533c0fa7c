import { describe, expect, it } from 'vitest';
import { fetchWithShards } from './fetch-files';
import { sortFiles } from './files';
import { fetchSampleIndex } from './sample-list';

const site = (files: Record<string, string | number>) => async (url: string) => {
  const found = files[url];
  if (found === undefined) throw new TypeError('Failed to fetch');
  return typeof found === 'number' ? new Response('', { status: found }) : new Response(found);
};

describe('fetchWithShards', () => {
  it("brings the shards of a model.json, relative to it, under the manifest's names", async () => {
    const manifest = JSON.stringify({ modelTopology: {}, weightsManifest: [{ paths: ['a.bin', 'w/b.bin'] }] });
    const fetcher = site({
      'https://x.org/m/model.json?raw=1': manifest,
      'https://x.org/m/a.bin': 'A',
      'https://x.org/m/w/b.bin': 'B',
    });
    const files = await fetchWithShards(' https://x.org/m/model.json?raw=1 ', fetcher);
    expect(files.map(({ path }) => path)).toEqual(['model.json', 'a.bin', 'w/b.bin']);
    expect(await files[2]!.blob.text()).toBe('B');
  });

  it('fetches other JSON, and JSON that is none, alone', async () => {
    const fetcher = site({ 'https://x.org/a.json': '{"weightsManifest":"no"}', 'https://x.org/b.json': '<html>' });
    expect(await fetchWithShards('https://x.org/a.json', fetcher)).toHaveLength(1);
    expect(await fetchWithShards('https://x.org/b.json', fetcher)).toHaveLength(1);
  });

  it.each([
    ['not an address', 'not a web address'],
    ['file:///etc/passwd', 'not a web address'],
    ['https://x.org/missing', 'did not hand out'],
    ['https://x.org/gone', 'answered 404'],
  ])('says what is wrong with %s', async (url, message) => {
    const failure = fetchWithShards(url, site({ 'https://x.org/gone': 404 }));
    await expect(failure).rejects.toMatchObject({ code: 'missing-file', message: expect.stringContaining(message) });
  });
});

describe('files', () => {
  it('recognises a model in a zip by its central directory', async () => {
    const zip = (name: string) => {
      const bytes = new Uint8Array(22 + 46 + name.length);
      bytes.set([0x50, 0x4b, 3, 4]);
      const entry = new DataView(bytes.buffer, 4);
      entry.setUint32(0, 0x02014b50, true);
      entry.setUint16(28, name.length, true);
      bytes.set(new TextEncoder().encode(name), 4 + 46);
      return { path: 'some.zip', blob: new Blob([bytes]) };
    };
    expect((await sortFiles([zip('net/model.json')])).model).toHaveLength(1);
    expect((await sortFiles([zip('cats/1.jpg')])).data).toHaveLength(1);
  });
});

describe('fetchSampleIndex', () => {
  it('refuses a list it does not understand', async () => {
    const base = new URL('https://x.org/samples/');
    const list = site({ 'https://x.org/samples/index.json': '[{"id":1}]' });
    await expect(fetchSampleIndex(base, list)).rejects.toMatchObject({ code: 'corrupt-file' });
  });
});
