/** Every reader that is fuzzed: what it is given, and the way from files to what a session keeps. */
import { zipSync } from 'fflate';
import { readModel } from '../../core/model-formats/read-model';
import { sampleGraphs } from '../../core/model-formats/tflite/sample-graphs';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { isGraphModelText } from '../../core/model-formats/tfjs/kind';
import { openDataSet } from '../../core/data/open';
import type { SourceFile } from '../../core/data/types';
import { computedGraph, openedModel } from '../../jobs/open/open-model';
import { dataFixtures, modelFixtures, read, type ModelFixture } from '../fixtures/model-fixtures';
import { FORMS } from '../builders/one-network';
import { DATA_SETS } from './data-specimens';
import { Specimen } from './specimen';
import { WholeWay, type Ran } from './whole-way';

export interface FuzzedReader {
  readonly id: string;
  readonly specimens: () => Promise<Specimen[]>;
  /**
   * Throws a typed error or succeeds; anything else is a finding. Allocations count until it is read; what is done with
   * it then, which it returns, may want more: the size of a float file is found by writing it. It answers how far it came.
   */
  readonly open: (files: readonly SourceFile[]) => Promise<() => Promise<string | void>>;
}

async function openModel(files: readonly SourceFile[]): Promise<() => Promise<void>> {
  const source = await readModel(files);
  const graph = computedGraph(source);
  return async () => void openedModel(source, graph);
}

async function openData(files: readonly SourceFile[]): Promise<() => Promise<void>> {
  const source = await openDataSet(files, {
    // Decoding is a library's; what is fuzzed is which bytes get to it.
    decodeImage: async (bytes) => ({ shape: [1, 1, 1], values: bytes.slice(0, 1) }),
    sampleElements: 3,
  });
  for (const index of [0, source.size - 1]) await source.read(index);
  return async () => undefined;
}

const isFormat =
  (pattern: RegExp) =>
  ({ name }: ModelFixture) =>
    pattern.test(name);
const isGraphJson = ({ name, files }: ModelFixture) =>
  name.endsWith('.json') && isGraphModelText(new TextDecoder().decode(files()[0].bytes));

const BELONGS: Readonly<Record<string, (fixture: ModelFixture) => boolean>> = {
  tflite: isFormat(/\.(tflite|bin)$/),
  'keras-h5': isFormat(/\.(h5|hdf5)$/),
  keras: isFormat(/\.keras$/),
  'tfjs-layers': (fixture) => fixture.name.endsWith('.json') && !isGraphJson(fixture),
  'tfjs-graph': isGraphJson,
  onnx: isFormat(/\.onnx$/),
};

const modelReaders = Object.entries(BELONGS).map(([id, belongs]): FuzzedReader => ({
  id,
  open: openModel,
  specimens: async () => [
    new Specimen('one network', await FORMS[id]()),
    ...(id === 'tflite' ? ownTflites() : []),
    ...modelFixtures()
      .filter(belongs)
      .map(({ name, files }) => new Specimen(name, files())),
  ],
}));

function ownTflites(): Specimen[] {
  return sampleGraphs().flatMap(({ name, float, int8 }) =>
    (int8 ? [float, int8] : [float]).map(
      (graph) => new Specimen(name, [{ path: `${name}.tflite`, bytes: writeTflite(graph) }]),
    ),
  );
}

/** Fixtures of each data reader, as the files of one drop each. */
const DATA_FIXTURES: Readonly<Record<string, () => (readonly SourceFile[])[]>> = {
  npy: () => dataFixtures('.npy').map((path) => [read(path)]),
  npz: () => dataFixtures('.npz').map((path) => [read(path)]),
  idx: () => dataFixtures('ubyte.gz').map((path) => [read(path)]),
  zip: () => {
    const images = dataFixtures('.jpg').slice(0, PACKED);
    const entries = images.map((path, i) => [`class${i % 2}/${i}.jpg`, read(path).bytes] as const);
    return entries.length > 0 ? [[{ path: 'images.zip', bytes: zipSync(Object.fromEntries(entries)) }]] : [];
  },
};
/** Images in the archive of fixtures. */
const PACKED = 24;

const dataReaders = Object.entries(DATA_SETS).map(([id, sets]): FuzzedReader => ({
  id,
  open: openData,
  specimens: async () => [
    ...sets.map(([name, files]) => new Specimen(name, files)),
    ...(DATA_FIXTURES[id]?.() ?? []).map((files) => new Specimen(files[0].path, files)),
  ],
}));

export const FUZZED_READERS: readonly FuzzedReader[] = [...modelReaders, ...dataReaders];

/** Models larger than this take too long to be run a thousand times. */
const RUN_BYTES = 200_000;

/**
 * The readers of models, gone on with until the exported file is verified.
 * @param keep is handed what was computed on the way
 */
export function wholeWays(keep?: (ran: Ran) => void): readonly FuzzedReader[] {
  return modelReaders.map((reader) => {
    const way = new WholeWay();
    return {
      id: reader.id,
      specimens: async () => (await reader.specimens()).filter(({ size }) => size <= RUN_BYTES),
      open: async (files) => {
        await way.open(files);
        return () => way.goOn(files, keep);
      },
    };
  });
}
