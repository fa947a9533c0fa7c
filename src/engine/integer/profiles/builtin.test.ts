/** Every tensor of the MLPerf Tiny models against the runtimes themselves; scripts/oracles/runtimes.py makes the goldens. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../base/crc32';
import { elementCount, tensorOf } from '../../../core/graph/graph';
import { readTflite } from '../../../core/model-formats/tflite/read';
import { haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { congruentialCodes } from '../../../testing/oracles/congruential-codes';
import { IntegerModel } from '../model';
import { litertBuiltin, tflm } from './builtin';

type Goldens = Readonly<Record<string, Readonly<Record<'litert-builtin' | 'tflm', readonly string[]>>>>;

const GOLDENS = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../../testing/goldens/runtimes.json'), 'utf8'),
) as Goldens;
const PROFILES = { 'litert-builtin': litertBuiltin, tflm };

describe.skipIf(!haveFixtures)('profiles in fixed point', () => {
  const cases = Object.keys(GOLDENS).flatMap((path) =>
    (Object.keys(PROFILES) as (keyof typeof PROFILES)[]).map((id) => [path, id] as const),
  );

  it.each(cases)('%s: every tensor as in %s', (path, id) => {
    const graph = readTflite(readFixture(path), path);
    const model = IntegerModel.load(graph, PROFILES[id]);
    const [input] = graph.inputs;
    GOLDENS[path][id].forEach((expected, sample) => {
      const codes = congruentialCodes(elementCount(tensorOf(graph, input).shape), sample);
      const computed = model.run(new Map([[input, codes]]));
      const sums = graph.ops
        .flatMap(({ outputs }) => outputs)
        .filter((tensor) => tensorOf(graph, tensor).dtype === 'int8')
        .map((tensor) => {
          const { buffer, byteOffset, byteLength } = computed.get(tensor)!.data;
          return crc32(new Uint8Array(buffer, byteOffset, byteLength))
            .toString(16)
            .padStart(8, '0');
        });
      expect(sums).toEqual(expected.split(' '));
    });
  });
});
