import { zipSync } from 'fflate';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixturePath, haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import type { SourceFile } from '../data/types';
import { RangefinderError, toErrorInfo, type ErrorInfo } from '../../base/errors';
import { readModel } from './read-model';
import { sampleGraphs } from './tflite/sample-graphs';
import { writeTflite } from './tflite/write';

const text = (content: string) => new TextEncoder().encode(content);
const model = writeTflite(sampleGraphs()[0].float);
const file = (path: string, bytes: Uint8Array): SourceFile => ({ path, bytes });

async function refusal(...files: SourceFile[]): Promise<ErrorInfo> {
  try {
    await readModel(files);
  } catch (error) {
    expect(error).toBeInstanceOf(RangefinderError);
    return toErrorInfo(error);
  }
  return expect.unreachable('was opened');
}

describe('readModel', () => {
  it('goes by content, whatever the name', async () => {
    expect((await readModel([file('photo.jpg', model)])).ops[0].kind).toBe('conv2d');
  });

  it('finds the model among other files and inside a zip', async () => {
    const readme = file('README.md', text('# hello'));
    expect((await readModel([readme, file('a/model.tflite', model)])).provenance.fileName).toBe('a/model.tflite');
    const zip = zipSync({ 'm/labels.txt': text('cat\ndog'), 'm/net.tflite': model });
    expect((await readModel([file('net.zip', zip)])).provenance.fileName).toBe('m/net.tflite');
  });

  it('opens one model at a time', async () => {
    const error = await refusal(file('a.tflite', model), file('b.tflite', model));
    expect(error).toMatchObject({ code: 'unknown-format', message: expect.stringContaining('2 models') });
    expect(error.details).toEqual(['a.tflite: TensorFlow Lite (.tflite)', 'b.tflite: TensorFlow Lite (.tflite)']);
  });

  it.each<[what: string, code: string, path: string, bytes: Uint8Array]>([
    ['empty', 'corrupt-file', 'a.tflite', new Uint8Array()],
    ['a Git LFS pointer', 'missing-file', 'a.h5', text('version https://git-lfs.github.com/spec/v1\noid sha256:0\n')],
    ['a web page', 'unknown-format', 'a.tflite', text('\ufeff\n<!DOCTYPE html><html>404</html>')],
    ['a TensorFlow SavedModel', 'unknown-format', 'saved_model.pb', Uint8Array.of(8, 1, 0x12, 2, 8, 1)],
    ['a frozen TensorFlow graph', 'unknown-format', 'graph.pb', Uint8Array.of(0x0a, 2, 8, 1)],
    ['a Core ML model', 'unknown-format', 'a.mlmodel', Uint8Array.of(8, 1, 0x12, 0, 0xa2, 0x1f, 0)],
    ['a pickled PyTorch file', 'unknown-format', 'a.pt', Uint8Array.of(0x80, 2, 0x8a, 0x0a)],
    ['a safetensors file', 'unknown-format', 'a', text('\x0c\0\0\0\0\0\0\0{"a":{"b":1}}')],
    ['a GGUF language model', 'unknown-format', 'a', text('GGUF\x03\0\0\0')],
    ['a Keras architecture without weights', 'missing-file', 'a.json', text('{"class_name": "Sequential"}')],
    ['an ExecuTorch program', 'unknown-format', 'a.pte', text('\x20\0\0\0ET12\0\0')],
    ['an ONNX Runtime model (.ort)', 'unknown-format', 'a.ort', text('\x20\0\0\0ORTM\0\0')],
    ['an NCNN description', 'unknown-format', 'a.param', text('7767517\n75 83\nInput data 0 1 data')],
    ['an OpenVINO description (XML)', 'unknown-format', 'a.xml', text('<?xml version="1.0"?><net name="x">')],
    ['an image', 'unknown-format', 'a.tflite', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)],
    ['compressed with gzip', 'unknown-format', 'a.tflite.gz', Uint8Array.of(0x1f, 0x8b, 8, 0)],
    ['a weight file of a TensorFlow.js model', 'missing-file', 'group1-shard2of3.bin', new Uint8Array(64)],
    ['named .tflite, but lacks', 'corrupt-file', 'a.tflite', new Uint8Array(64).fill(1)],
    ['named as HDF5, but lacks', 'corrupt-file', 'a.h5', new Uint8Array(64).fill(1)],
    ['not a model Rangefinder knows', 'unknown-format', 'a.xyz', new Uint8Array(64).fill(255)],
  ])('says that a file is %s', async (what, code, path, bytes) => {
    const error = await refusal(file(path, bytes));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`"${path}" is ${what}`);
    expect(error.hint).toBeTruthy();
  });

  it.each([
    ['a PyTorch file', { 'net/data.pkl': text('x'), 'net/version': text('3') }],
    ['a PyTorch file', { 'net/archive_format': text('pt2'), 'net/models/model.json': text('{}') }],
    ['an Office document', { '[Content_Types].xml': text('x'), 'word/document.xml': text('x') }],
    ['an app without a model', { 'AndroidManifest.xml': text('x'), 'classes.dex': text('x') }],
    ['an archive of images', { 'a/1.png': Uint8Array.of(0x89, 80, 78, 71), 'a/2.jpg': text('x'), 'b.txt': text('x') }],
    ['an archive of tables', { 'a.csv': text('1,2'), 'b.csv': text('3,4') }],
    ['an archive without a model in it', { 'notes.md': text('hello'), 'a.xyz': text('x') }],
    ['a Core ML package', { 'a.mlpackage/Manifest.json': text('{}') }],
    ['a TensorFlow SavedModel', { 'net/saved_model.pb': text('x') }],
    ['a set of NumPy arrays', { 'x.npy': text('x') }],
  ])('says that an archive is %s', async (what, entries) => {
    const error = await refusal(file('a.zip', zipSync(entries)));
    expect(error).toMatchObject({ code: 'unknown-format', message: expect.stringContaining(`"a.zip" is ${what}`) });
  });

  it('says so where there is nothing to open', async () => {
    expect(await refusal()).toMatchObject({ code: 'unknown-format', message: 'There is no file to open.' });
  });

  it('checks what an archive claims before inflating it', async () => {
    // A bomb: a megabyte of zeros, 3,000 times, 3 GB in 3 MB.
    const one = zipSync({ zeros: new Uint8Array(2 ** 20) });
    const end = one.length - 22;
    const directory = new DataView(one.buffer, one.byteOffset, one.byteLength).getUint32(end + 16, true);
    const [data, entry] = [one.subarray(0, directory), one.slice(directory, end)];
    const bomb = new Uint8Array(3000 * end + 22);
    for (let i = 0; i < 3000; i++) {
      new DataView(entry.buffer).setUint32(42, i * directory, true);
      bomb.set(data, i * directory);
      bomb.set(entry, 3000 * directory + i * entry.length);
    }
    bomb.set(one.subarray(end), 3000 * end);
    const tail = new DataView(bomb.buffer, 3000 * end);
    tail.setUint16(8, 3000, true);
    tail.setUint16(10, 3000, true);
    tail.setUint32(12, 3000 * entry.length, true);
    tail.setUint32(16, 3000 * directory, true);
    const error = await refusal(file('bomb.zip', bomb));
    expect(error).toMatchObject({ code: 'too-large', message: expect.stringContaining('unpacks to 2.9 GiB') });
  });

  it('refuses paths that lead out of the archive', async () => {
    expect((await refusal(file('a.zip', zipSync({ '../net.tflite': model })))).code).toBe('invalid-data');
  });
});

describe.skipIf(!haveFixtures)('readModel on real files', () => {
  const everything = !haveFixtures
    ? []
    : readdirSync(fixturePath('broken'), { recursive: true, encoding: 'utf8' }).filter((path) =>
        statSync(fixturePath(`broken/${path}`)).isFile(),
      );

  it.each(everything)('broken/%s ends in a typed error or a clean load', async (path) => {
    try {
      await readModel([file(path, readFixture(`broken/${path}`))]);
    } catch (error) {
      expect(toErrorInfo(error).code).not.toBe('internal');
      expect(toErrorInfo(error).message.length).toBeGreaterThan(10);
    }
  });

  it('knows ONNX by its content, half and damaged files too', async () => {
    const graph = await readModel([file('model', readFixture('onnx/mnist-8_cntk.onnx'))]);
    expect(graph.provenance.format).toBe('onnx');
    for (const kind of ['half', '40bitflips', 'opset999'])
      expect((await refusal(file('model', readFixture(`broken/derived/mnist_${kind}.onnx`)))).message).toContain(
        'ONNX',
      );
  });

  it('opens a TensorFlow.js model from loose files, from a zip, and a Keras file', async () => {
    const folder = fixturePath('tfjs/cnn_explainer_tinyvgg');
    const loose = readdirSync(folder).map((name) => file(name, readFileSync(`${folder}/${name}`)));
    expect((await readModel(loose)).provenance.format).toBe('tfjs-layers');
    const zip = zipSync(Object.fromEntries(loose.map(({ path, bytes }) => [`vgg/${path}`, bytes])));
    expect((await readModel([file('vgg.zip', zip)])).ops.length).toBe((await readModel(loose)).ops.length);
    const keras = readFixture('mlperf_tiny/ic/trained_models/pretrainedResnet.h5');
    expect((await readModel([file('net', keras)])).provenance.format).toBe('keras-h5');
  });

  it('takes a .tflite named .onnx for what it is', async () => {
    const graph = await readModel([file('a.onnx', readFixture('broken/derived/tflite_named.onnx'))]);
    expect(graph.ops).toHaveLength(16);
  });
});
