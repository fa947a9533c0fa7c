import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../../core/model-formats/onnx/write';
import { haveFixtures } from '../../testing/fixtures/fixtures';
import { firstSample, relativeError, WRITTEN_MODELS, writtenModel } from '../../testing/fixtures/written-models';
import { OnnxModel } from './model';
import { nodeOnnxRuntime } from './node-host';

describe.skipIf(!haveFixtures)('float models written as ONNX', () => {
  it.each(WRITTEN_MODELS)('%s: onnxruntime answers as Keras does', async (name) => {
    const { graph, golden } = await writtenModel(name);
    const bytes = writeOnnx(graph, {
      opset: 13,
      real: 'float32',
      codesOf: () => undefined,
      storageOf: () => ({ as: 'real' }),
      integerOperators: false,
    });
    const model = await OnnxModel.load(await nodeOnnxRuntime(), bytes, graph);
    const { sample, answer } = firstSample(golden);
    const actual = await model.run(
      sample,
      graph.outputs.map((_, i) => i),
    );
    await model.dispose();
    expect(relativeError(actual, answer)).toBeLessThan(2e-6);
  });
});
