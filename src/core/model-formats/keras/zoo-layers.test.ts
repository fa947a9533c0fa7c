import { describe, expect, it } from 'vitest';
import { committedArchive } from '../../../testing/fixtures/golden-archives';
import { expectGolden, parseGolden } from '../../../testing/fixtures/keras-goldens';
import { normalize } from '../../graph/passes/normalize';
import { readModel } from '../read-model';

const FILES = committedArchive('keras-layers.zip');
const MODELS = [...FILES.keys()].filter((path) => !path.endsWith('.npz'));

/** scripts/oracles/keras_layers.py makes them. */
describe('layers of models as people have them', () => {
  it.each(MODELS)('%s: computes what Keras does', async (path) => {
    const golden = parseGolden(FILES.get(path.replace(/\.\w+$/, '.npz'))!, path);
    const graph = await readModel([{ path, bytes: FILES.get(path)! }]);
    await expectGolden(graph, golden, 5e-6);
    await expectGolden(normalize(graph), golden, 5e-6);
    expect(graph.ops.some(({ kind }) => kind === 'opaque')).toBe(false);
  });

  it.each([
    ['rnn_cell.keras', 'output_0'],
    ['rnn_cell_2.h5', 'rnn_1'],
  ])("%s: names its output as TensorFlow's converter does", async (path, name) => {
    const { outputs, provenance } = await readModel([{ path, bytes: FILES.get(path)! }]);
    expect(provenance.signatures[0].outputs).toEqual({ [name]: outputs[0] });
  });
});
