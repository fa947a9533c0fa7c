import { io, loadGraphModel, tensor, type Tensor } from '@tensorflow/tfjs';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { committedArchive } from '../../../testing/fixtures/golden-archives';
import { outputsOf } from '../../../testing/fixtures/keras-goldens';
import { normalize } from '../../graph/passes/normalize';
import { readTflite } from '../tflite/read';
import { writeGraphModel } from './write-graph-model';

const FILES = committedArchive('quantized-models.zip');

describe('writeGraphModel', () => {
  const graph = normalize(readTflite(FILES.get('tf_dynamic_range.tflite')!, 'm.tflite'));
  const files = unzipSync(writeGraphModel(graph));
  const json = JSON.parse(new TextDecoder().decode(files['model.json'])) as {
    modelTopology: object;
    weightsManifest: { weights: { name: string; quantization?: { dtype: string } }[] }[];
    signature: object;
  };
  const [shard] = Object.keys(files).filter((path) => path.endsWith('.bin'));

  it("is loaded by TensorFlow.js' own converter, which computes what the float model does", async () => {
    const model = await loadGraphModel(
      io.fromMemory({
        modelTopology: json.modelTopology,
        weightSpecs: json.weightsManifest[0].weights as never,
        weightData: files[shard].slice().buffer,
        format: 'graph-model',
        signature: json.signature,
      }),
    );
    const sample = new Float32Array(FILES.get('images.f32')!.slice(0, 1024).buffer);
    const input = tensor(sample, [1, 8, 8, 4]);
    const answer = [...(model.predict(input) as Tensor).dataSync()];
    const [wanted] = await outputsOf(graph, [sample], 1);
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    answer.forEach((value, i) => expect(Math.abs(value - wanted[i])).toBeLessThan(0.02 * largest));
    input.dispose();
    model.dispose();
  });

  it('stores larger weights a byte each', () => {
    const stored = json.weightsManifest[0].weights.filter(({ quantization }) => quantization);
    expect(stored.length).toBeGreaterThan(0);
    expect(stored.every(({ quantization }) => quantization!.dtype === 'uint8')).toBe(true);
  });
});
