/** Files of others, by the outputs of onnxruntime. */
import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { expectGolden, readGolden } from '../../../testing/fixtures/keras-goldens';
import { toErrorInfo } from '../../../base/errors';
import { tensorOf } from '../../graph/graph';
import { permutedData, permutedShape } from '../../graph/permute';
import type { InputSizes } from '../open-sizes';
import { TO_NCHW, TO_NHWC } from './layouts';
import { readOnnx } from './read';

describe.skipIf(!haveFixtures)('real models', () => {
  it.each([
    ['mnist-8_cntk.onnx', 11],
    ['opt-mnist.onnx', 8],
    ['matmul_tiny.onnx', 1],
    ['ultraface/version-slim-320_simplified.onnx', 93],
    ['dtln/model_1.onnx', 58],
  ])('%s computes what onnxruntime computes', async (path, layers) => {
    const graph = readOnnx(readFixture(`onnx/${path}`), path);
    expect(graph.ops).toHaveLength(layers);
    expect(graph.ops.map(({ kind }) => kind)).not.toContain('transpose');
    const golden = readGolden(`goldens/onnx__${path.replaceAll('/', '__')}.npz`);
    // The goldens are the file's own: [N,C,H,W].
    const inputs = graph.inputs.map((id, i) => {
      const { shape } = tensorOf(graph, id);
      const image = graph.provenance.notes.some((note) => note.startsWith(`input "${id}" takes images`));
      return image ? permutedData(golden.inputs[i], permutedShape(shape, TO_NCHW), TO_NHWC) : golden.inputs[i];
    });
    await expectGolden(graph, { ...golden, inputs }, 1e-4);
  });

  it('of which a branch depends on the data are refused by name', () => {
    const path = 'silero/silero_vad_16k_op15.onnx';
    const open = (sizes: InputSizes) => {
      try {
        return readOnnx(readFixture(`onnx/${path}`), 'a.onnx', sizes);
      } catch (thrown) {
        return toErrorInfo(thrown);
      }
    };
    expect(open({})).toMatchObject({
      code: 'unsupported-feature',
      message: '2 inputs leave sizes open, for instance "input": [N, sequence].',
      openSizes: ['sequence', 'batch'],
    });
    expect(open({ sequence: 512, batch: 1 })).toMatchObject({
      code: 'unsupported-op',
      message: 'Mul "/Mul": it computes with int32 values.',
    });
  });
});
