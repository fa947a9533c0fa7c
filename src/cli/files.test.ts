import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeOnnx } from '../testing/builders/onnx-writer';
import { modelFiles, sourceFiles } from './files';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rangefinder-files-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, content: string | Uint8Array = path): string {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
  return join(root, path);
}

const paths = (files: readonly { readonly path: string }[]) => files.map(({ path }) => path);

const model = (location: string) =>
  writeOnnx({
    inputs: { x: [1] },
    outputs: ['y'],
    weights: { w: [[1], [1]] },
    elsewhere: { w: { location } },
    nodes: [['Mul', 'x w', 'y']],
  });

describe('files of a command', () => {
  it('an ONNX model brings the files it names, and nothing else', () => {
    const path = put('net/m.onnx', model('m.onnx.data'));
    put('net/m.onnx.data');
    put('net/other.txt');
    expect(paths(modelFiles(path))).toEqual(['m.onnx', 'm.onnx.data']);
  });

  it('no path and no link leads out of its folder', () => {
    put('secret');
    const out = put('net/m.onnx', model('../secret'));
    expect(paths(modelFiles(out))).toEqual(['m.onnx']);
    symlinkSync(join(root, 'secret'), join(root, 'net/link'));
    expect(paths(modelFiles(put('net/n.onnx', model('link'))))).toEqual(['n.onnx']);
  });

  it('a link may lead to where that of the model leads, as caches of downloads have it', () => {
    put('blobs/1', model('m.onnx_data'));
    put('blobs/2');
    mkdirSync(join(root, 'snapshot'));
    symlinkSync(join(root, 'blobs/1'), join(root, 'snapshot/m.onnx'));
    symlinkSync(join(root, 'blobs/2'), join(root, 'snapshot/m.onnx_data'));
    expect(paths(modelFiles(join(root, 'snapshot/m.onnx')))).toEqual(['m.onnx', 'm.onnx_data']);
  });

  it('linked folders are entered, once', () => {
    put('pictures/cat/1.png');
    mkdirSync(join(root, 'data'));
    symlinkSync(join(root, 'pictures/cat'), join(root, 'data/cat'));
    symlinkSync(join(root, 'data'), join(root, 'data/self'));
    expect(paths(sourceFiles(join(root, 'data')))).toEqual(['data/cat/1.png']);
  });
});
