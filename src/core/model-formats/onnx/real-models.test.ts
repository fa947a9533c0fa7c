/** Files of others, by the outputs of onnxruntime. */
import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { expectClose, expectGolden, outputsOf, readGolden } from '../../../testing/fixtures/keras-goldens';
import { toErrorInfo } from '../../../base/errors';
import { tensorOf } from '../../graph/graph';
import { permutedData, permutedShape } from '../../graph/permute';
import type { InputSizes } from '../open-sizes';
import { TO_NCHW, TO_NHWC } from './layouts';
import { readOnnx } from './read';
import voiceActivity from '../../../testing/oracles/goldens/voice-activity.json';

describe.skipIf(!haveFixtures)('real models', () => {
  it.each([
    ['mnist-8_cntk.onnx', 11],
    ['opt-mnist.onnx', 8],
    ['matmul_tiny.onnx', 1],
    ['ultraface/version-slim-320_simplified.onnx', 93],
    ['dtln/model_1.onnx', 54],
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

  it('with a branch on the sampling rate, asked for their open sizes, compute what onnxruntime computes', async () => {
    const path = 'silero/silero_vad_16k_op15.onnx';
    const open = (sizes: InputSizes) => readOnnx(readFixture(`onnx/${path}`), 'a.onnx', sizes);
    const refused = (): unknown => {
      try {
        return open({});
      } catch (thrown) {
        return toErrorInfo(thrown);
      }
    };
    expect(refused()).toMatchObject({
      code: 'unsupported-feature',
      message: '2 inputs leave sizes open, for instance "input": [N, sequence].',
      openSizes: ['sequence', 'batch'],
    });
    const graph = open({ sequence: 512, batch: 1 });
    expect(graph.inputs).toEqual(['input', 'state', 'sr']);
    const sound = Float32Array.from({ length: 512 }, (_, i) => Math.sin(0.05 * i * (1 + i / 512)));
    const state = Float32Array.from({ length: 256 }, (_, i) => 0.5 * Math.cos(i));
    const [speech, after] = await outputsOf(graph, [sound, state, Float32Array.of(16_000)], 1);
    expect(speech[0]).toBeCloseTo(voiceActivity.speech, 5);
    expectClose(after, Float32Array.from(voiceActivity.state), 1e-4);
  });
});
