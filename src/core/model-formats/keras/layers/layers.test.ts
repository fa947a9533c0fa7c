import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixturePath, haveFixtures, readFixture } from '../../../../testing/fixtures/fixtures';
import { expectGolden, readGolden } from '../../../../testing/fixtures/keras-goldens';
import { runNaive } from '../../../../testing/oracles/naive-float';
import { readModel } from '../../read-model';
import { parseModelConfig } from '../config';
import { configToGraph } from '../config-to-graph';

/** One small model per idea, saved and run by Keras 3.15. */
const FOLDER = 'conformance/keras3';

const names = haveFixtures
  ? readdirSync(fixturePath(FOLDER)).flatMap((file) => (file.endsWith('.keras') ? [file.slice(0, -6)] : []))
  : [];

const read = (name: string) => {
  const path = `${FOLDER}/${name}.keras`;
  return readModel([{ path, bytes: readFixture(path) }]);
};

it("multiplies channels by ConvNeXt's LayerScale, and hands on what StochasticDepth gets", () => {
  const layer = (name: string, config: object) => ({ class_name: name, name, config: { name, ...config } });
  const graph = configToGraph({
    model: parseModelConfig({
      class_name: 'Sequential',
      config: [
        layer('LayerScale', { projection_dim: 2, batch_input_shape: [null, 1, 2] }),
        layer('StochasticDepth', { drop_path_rate: 0.5 }),
      ],
    }),
    weights: { layer: () => [{ name: 'gamma', shape: [2], read: () => Float32Array.of(0.5, -2) }] },
    dialect: { framework: 'keras', major: 3 },
    provenance: { format: 'keras', fileName: 'a', fileBytes: 0, metadata: {}, notes: [] },
  });
  const results = runNaive(graph, new Map([[graph.inputs[0], Float32Array.of(6, 7)]]), 1);
  expect([...results.get(graph.outputs[0])!.data]).toEqual([3, -14]);
});

describe.skipIf(!haveFixtures)('layer translators against Keras 3.15', () => {
  it('has all sixty to go by', () => expect(names).toHaveLength(60));

  it.each(names)('%s', async (name) => {
    await expectGolden(await read(name), readGolden(`${FOLDER}/${name}.npz`), 1e-5);
  });
});
