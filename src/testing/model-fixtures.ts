/** Every model among the fixtures, with the files that belong to it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { SourceFile } from '../core/data/types';
import { fixturePath, haveFixtures } from './fixtures';

export interface ModelFixture {
  /** Path of its main file below the fixtures. */
  readonly name: string;
  /** The main file, then its weights, by their bare names. */
  readonly files: () => SourceFile[];
}

/** What the goldens and data sets lie in. */
const NO_MODELS = ['datasets', 'goldens'];
const MODEL_FILE = /\.(tflite|h5|hdf5|keras|onnx)$|^conformance\/litert_.*\.bin$/;
/** A .json is a model where it says so. */
const ARCHITECTURE = /"modelTopology"|"class_name"/;

export function modelFixtures(): ModelFixture[] {
  if (!haveFixtures) return [];
  const paths = filesBelow('').sort();
  return paths.flatMap((name): ModelFixture[] => {
    if (MODEL_FILE.test(name)) return [{ name, files: () => [read(name)] }];
    if (!name.endsWith('.json') || !ARCHITECTURE.test(new TextDecoder().decode(read(name).bytes))) return [];
    const folder = posix.dirname(name);
    const weights = paths.filter(
      (path) => posix.dirname(path) === folder && !/\.(json|txt|md)$/.test(path) && !MODEL_FILE.test(path),
    );
    return [{ name, files: () => [name, ...weights].map(read) }];
  });
}

/** Paths of data below the fixtures that end in one of these. */
export function dataFixtures(...endings: readonly string[]): string[] {
  if (!haveFixtures) return [];
  const folders = ['datasets/mnist', 'datasets/cifar10_jpg/test/bird', 'goldens', 'conformance/keras3', 'mlperf_tiny'];
  return folders
    .flatMap(filesBelow)
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .sort();
}

export function read(path: string): SourceFile {
  return { path: posix.basename(path), bytes: new Uint8Array(readFileSync(fixturePath(path))) };
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(fixturePath('.'), folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return NO_MODELS.includes(path) ? [] : filesBelow(path);
    return [path];
  });
}
