import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tensorOf } from '../../../core/graph/graph';
import { readTflite } from '../../../core/model-formats/tflite/read';
import { writeTflite } from '../../../core/model-formats/tflite/write';
import { IntegerModel } from '../model';
import { xnnpack } from '../profiles/xnnpack';

/** Files by TensorFlow's converter with outputs of LiteRT and TensorFlow Lite Micro: scripts/oracles/recurrent.py. */
interface Golden {
  readonly file: string;
  readonly shape: readonly [number, number];
  readonly inputs: readonly number[];
  readonly litert: readonly number[];
  readonly micro: readonly number[];
}
const goldens = JSON.parse(
  readFileSync(new URL('../../../testing/goldens/recurrent.json', import.meta.url), 'utf8'),
) as Record<string, Golden>;

/** The outputs of each sample, one after the other. */
function computed(bytes: Uint8Array, { shape: [steps, width], inputs }: Golden): number[] {
  const graph = readTflite(bytes, 'golden.tflite');
  const model = IntegerModel.load(graph, xnnpack);
  const length = steps * width;
  return Array.from({ length: inputs.length / length }, (_, sample) => {
    const codes = Int8Array.from(inputs.slice(sample * length, (sample + 1) * length));
    return [...(model.run(new Map([[graph.inputs[0], codes]])).get(graph.outputs[0])!.data as Int8Array)];
  }).flat();
}

describe('int8 LSTM', () => {
  it.each(Object.keys(goldens))('is that of native LiteRT, bit for bit: %s', (name) => {
    const golden = goldens[name];
    const actual = computed(Buffer.from(golden.file, 'base64'), golden);
    expect(actual).toEqual(golden.litert);
    // TensorFlow Lite Micro's own kernel rounds some gates otherwise.
    const distance = actual.map((code, i) => Math.abs(code - golden.micro[i]));
    expect(Math.max(...distance)).toBeLessThanOrEqual(1);
  });

  it('comes back from a file of ours as it was', () => {
    const golden = goldens['stacked'];
    const graph = readTflite(Buffer.from(golden.file, 'base64'), 'golden.tflite');
    const written = writeTflite(graph);
    expect(computed(written, golden)).toEqual(golden.litert);
    const again = readTflite(written, 'written.tflite');
    const cells = (of: typeof graph) =>
      of.ops.flatMap((op) => (op.kind === 'lstm' ? [tensorOf(of, op.outputs[1]).quant!.scale[0]] : []));
    expect(cells(again)).toEqual(cells(graph));
    expect(cells(again)).toHaveLength(2);
  });
});
