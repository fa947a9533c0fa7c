import { describe, expect, it } from 'vitest';
import { classify, type Candidate } from './classify';

const text = (content: string) => new TextEncoder().encode(content);
const file = (path: string, head: Uint8Array | string | number[], entries?: string[]): Candidate => ({
  path,
  head: typeof head === 'string' ? text(head) : Uint8Array.from(head),
  ...(entries && { entries }),
});
const sort = (...files: Candidate[]) => {
  const { model, data, strangers } = classify(files);
  const paths = (sorted: readonly Candidate[]) => sorted.map(({ path }) => path);
  return { model: paths(model), data: paths(data), ...(strangers.length > 0 && { strangers: paths(strangers) }) };
};

const TFLITE = [0x1c, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33, 0, 0];
const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a];
const JPEG = [0xff, 0xd8, 0xff, 0xe0];
const ZIP = [0x50, 0x4b, 3, 4];
const MANIFEST = '{"format":"layers-model","modelTopology":{},"weightsManifest":[]}';

describe('classify', () => {
  it.each([
    ['a TensorFlow Lite file', file('m.tflite', TFLITE), 'model'],
    ['one without its extension', file('download', TFLITE), 'model'],
    ['a Keras file', file('m.h5', HDF5), 'model'],
    ['an image called a model: its reader says what it is', file('m.tflite', PNG), 'model'],
    ['a truncated model', file('m.tflite', [0x1c]), 'model'],
    ['a zip with a LayersModel', file('web.zip', ZIP, ['web/model.json', 'web/group1-shard1of1.bin']), 'model'],
    ['a zip with an ONNX model', file('net.zip', ZIP, ['net/m.onnx', 'net/m.onnx.data']), 'model'],
    ['a Keras 3 archive', file('m.keras', ZIP, ['config.json', 'model.weights.h5']), 'model'],
    ['a JPEG', file('cat/1.jpg', JPEG), 'data'],
    ['a PNG without its extension', file('x', PNG), 'data'],
    ['a zip of images', file('cifar.zip', ZIP, ['cat/1.jpg', 'dog/1.jpg']), 'data'],
    ['an npz, which is a zip of npy', file('x.npz', ZIP, ['x.npy', 'y.npy']), 'data'],
    ['an npy', file('x.npy', [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1]), 'data'],
    ['gzipped IDX', file('t10k-images-idx3-ubyte.gz', [0x1f, 0x8b, 8]), 'data'],
    ['plain IDX', file('t10k-images-idx3-ubyte', [0, 0, 8, 3]), 'data'],
    ['CSV', file('x.csv', 'a,b\n1,2\n'), 'data'],
  ] as const)('takes %s for %s', (_, candidate, kind) => {
    expect(sort(candidate)).toEqual({ model: [], data: [], [kind]: [candidate.path] });
  });

  it.each([
    ['bytes of no known kind', file('what', [1, 2, 3, 4])],
    ['a text about something', file('README.md', '# Notes\n')],
    ['a document that is a zip', file('thesis.docx', ZIP, ['[Content_Types].xml', 'word/document.xml'])],
  ])('takes %s for neither', (_, candidate) => {
    expect(sort(candidate)).toEqual({ model: [], data: [], strangers: [candidate.path] });
  });

  it('keeps model.json and its shards together, whatever the shards begin with', () => {
    const shards = [file('group1-shard1of2.bin', JPEG), file('group1-shard2of2.bin', [9, 9, 9])];
    expect(sort(...shards, file('model.json', MANIFEST))).toEqual({
      model: ['group1-shard1of2.bin', 'group1-shard2of2.bin', 'model.json'],
      data: [],
    });
  });

  it('keeps an ONNX model and the values of its tensors together, whatever these begin with', () => {
    expect(sort(file('m.onnx', [8, 10]), file('m.onnx.data', JPEG), file('x.npy', [0x93, ...text('NUMPY')]))).toEqual({
      model: ['m.onnx', 'm.onnx.data'],
      data: ['x.npy'],
    });
  });

  it('tells a model from the data dropped with it', () => {
    expect(sort(file('a/1.jpg', JPEG), file('m.tflite', TFLITE), file('b/2.jpg', JPEG))).toEqual({
      model: ['m.tflite'],
      data: ['a/1.jpg', 'b/2.jpg'],
    });
  });

  it('lets an unknown file beside data be data: its reader knows more', () => {
    expect(sort(file('a/1.jpg', JPEG), file('a/notes', [1, 2])).data).toEqual(['a/1.jpg', 'a/notes']);
  });

  it('takes annotations, tokenised text and recordings for data', () => {
    const all = [
      file('instances.json', '{"info": {}, "images": [{"id": 1}]}'),
      file('text.json', '{"input_ids": [[1, 2]]}'),
      file('rows.json', '[{"input_ids": [1, 2]}]'),
      file('a.wav', 'RIFF\0\0\0\0WAVEfmt '),
    ];
    expect(classify(all).data).toEqual(all);
  });

  it('passes over what file managers leave behind', () => {
    expect(sort(file('set/.DS_Store', [0]), file('__MACOSX/set/1.jpg', [0]), file('set/1.jpg', JPEG))).toEqual({
      model: [],
      data: ['set/1.jpg'],
    });
  });
});
