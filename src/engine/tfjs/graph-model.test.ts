import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { unrollRecurrent } from '../../core/graph/passes/unroll-recurrent';
import { writeGraphModel } from '../../core/model-formats/tfjs/write-graph-model';
import { haveFixtures } from '../../testing/fixtures/fixtures';
import { firstSample, relativeError, WRITTEN_MODELS, writtenModel } from '../../testing/fixtures/written-models';
import { initBackend } from './backend';
import { LoadedGraphModel } from './graph-model';
import { nodeHost } from './node-host';

describe.skipIf(!haveFixtures)('models written as GraphModels', () => {
  beforeAll(async () => {
    await initBackend(nodeHost());
  });

  // Most of these are too small for bytes as weights; what bytes cost the others is below one percent.
  it.each(WRITTEN_MODELS)("%s: TensorFlow.js' own loader answers as Keras does", async (name) => {
    const { graph, golden } = await writtenModel(name);
    const before = memory().numTensors;
    const model = await LoadedGraphModel.load(writeGraphModel(unrollRecurrent(graph)), graph);
    const { sample, answer } = firstSample(golden);
    const actual = await model.run(
      sample,
      graph.outputs.map((_, i) => i),
    );
    model.dispose();
    expect(memory().numTensors).toBe(before);
    expect(relativeError(actual, answer)).toBeLessThan(name === 'embedding' ? 1e-2 : 2e-6);
  });
});
