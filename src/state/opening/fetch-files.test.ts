import { beforeEach, describe, expect, it } from 'vitest';
import { fetchWithShards, type Fetch } from './fetch-files';
import { sortFiles } from './files';
import { fetchSampleIndex } from './sample-list';

const site = (files: Record<string, string | number>) => async (url: string) => {
  const found = files[url];
  if (found === undefined) throw new TypeError('Failed to fetch');
  return typeof found === 'number' ? new Response('', { status: found }) : new Response(found);
};

const from = (fetcher: Fetch) => ({ fetcher, ownHost: 'studio.example' });

describe('fetchWithShards', () => {
  it("brings the shards of a model.json, relative to it, under the manifest's names", async () => {
    const manifest = JSON.stringify({ modelTopology: {}, weightsManifest: [{ paths: ['a.bin', 'w/b.bin'] }] });
    const fetcher = site({
      'https://x.org/m/model.json?raw=1': manifest,
      'https://x.org/m/a.bin': 'A',
      'https://x.org/m/w/b.bin': 'B',
    });
    const files = await fetchWithShards(' https://x.org/m/model.json?raw=1 ', from(fetcher));
    expect(files.map(({ path }) => path)).toEqual(['model.json', 'a.bin', 'w/b.bin']);
    expect(await files[2].blob.text()).toBe('B');
  });

  it('fetches other JSON, and JSON that is none, alone', async () => {
    const fetcher = site({ 'https://x.org/a.json': '{"weightsManifest":"no"}', 'https://x.org/b.json': '<html>' });
    expect(await fetchWithShards('https://x.org/a.json', from(fetcher))).toHaveLength(1);
    expect(await fetchWithShards('https://x.org/b.json', from(fetcher))).toHaveLength(1);
  });

  it.each([
    ['not an address', 'not a web address'],
    ['file:///etc/passwd', 'not a web address'],
    ['https://x.org/missing', 'did not hand out'],
    ['https://x.org/gone', 'answered 404'],
  ])('says what is wrong with %s', async (url, message) => {
    const failure = fetchWithShards(url, from(site({ 'https://x.org/gone': 404 })));
    await expect(failure).rejects.toMatchObject({ code: 'missing-file', message: expect.stringContaining(message) });
  });
});

describe('what a stranger wrote', () => {
  const manifest = (paths: readonly string[]) => JSON.stringify({ modelTopology: {}, weightsManifest: [{ paths }] });
  const asked: string[] = [];
  const answering = (response: Response) => (url: string) => {
    asked.push(url);
    return Promise.resolve(response);
  };
  beforeEach(() => void (asked.length = 0));

  it('is fetched neither from private hosts nor from where they are redirected to', async () => {
    const refused = { code: 'unsupported-feature', message: expect.stringContaining('private network') };
    const fetcher = answering(new Response('secret'));
    await expect(fetchWithShards('http://192.168.0.1/m.onnx', from(fetcher))).rejects.toMatchObject(refused);
    expect(asked).toEqual([]);
    const redirected = Object.defineProperty(new Response('secret'), 'url', { value: 'http://10.0.0.7/admin' });
    await expect(fetchWithShards('https://x.org/m', from(answering(redirected)))).rejects.toMatchObject(refused);
  });

  it.each([[['a.bin', '../../etc/b.bin']], [['https://tracker.org/a.bin']]])(
    'brings no shards from elsewhere: %j',
    async (paths) => {
      const fetcher = answering(new Response(manifest(paths)));
      await expect(fetchWithShards('https://x.org/m/model.json', from(fetcher))).rejects.toMatchObject({
        code: 'invalid-data',
      });
      expect(asked).toEqual(['https://x.org/m/model.json']);
    },
  );

  it('is limited in files and bytes', async () => {
    const many = answering(new Response(manifest(Array.from({ length: 1001 }, (_, i) => `${i}.bin`))));
    await expect(fetchWithShards('https://x.org/m/model.json', from(many))).rejects.toMatchObject({
      code: 'too-large',
      message: 'The model names 1001 files; up to 1000 are fetched.',
    });
    const large = answering(new Response('a', { headers: { 'content-length': String(3 * 2 ** 30) } }));
    await expect(fetchWithShards('https://x.org/m', from(large))).rejects.toMatchObject({ code: 'too-large' });
  });

  it('may have names that are no valid escapes', async () => {
    const [file] = await fetchWithShards('https://x.org/100%25%.onnx', from(answering(new Response('a'))));
    expect(file.path).toBe('100%25%.onnx');
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
