/** Names are data: whatever tensors and layers are called, models open, are quantized and verified as any other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../core/graph/build';
import { readTflite } from '../../core/model-formats/tflite/read';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { writeOnnx } from '../../testing/builders/onnx-writer';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { testValues } from '../../testing/oracles/naive/compare';

const NAMES = ['constructor', '__proto__', 'valueOf', 'toString', 'n'.repeat(10_000), '\u202eתמונה'];
const WEIGHTS = [testValues(12, 1), testValues(10, 2)] as const;

/** Input, weights, hidden tensor, weights, output: every role has every name in one of the turns. */
type Roles = readonly [input: string, first: string, hidden: string, second: string, output: string];
const TURNS = NAMES.map((_, turn) => NAMES.map((_, i) => NAMES[(i + turn) % NAMES.length]) as unknown as Roles);

const FORMATS: Readonly<Record<string, (roles: Roles) => Uint8Array>> = {
  'net.tflite': ([input, first, hidden, second, output]) => {
    const builder = new GraphBuilder('net');
    const dense = (
      name: string,
      from: string,
      weights: string,
      values: Float32Array,
      shape: readonly [number, number],
    ) =>
      builder.op('fullyConnected', name, [from, builder.constant(weights, values, shape), null], {
        keepDims: false,
      })[0];
    const middle = dense(hidden, builder.input(input, [-1, 6]), first, WEIGHTS[0], [2, 6]);
    return writeTflite(builder.build([dense(output, middle, second, WEIGHTS[1], [5, 2])]));
  },
  'net.onnx': ([input, first, hidden, second, output]) =>
    writeOnnx({
      inputs: Object.fromEntries([[input, ['N', 6]]]),
      outputs: [output],
      weights: Object.fromEntries([
        [first, [[6, 2], WEIGHTS[0]]],
        [second, [[2, 5], WEIGHTS[1]]],
      ]),
      nodes: [
        ['MatMul', `${input} ${first}`, hidden],
        ['MatMul', `${hidden} ${second}`, output],
      ],
    }),
};

const studio = new TestSession();
let before = 0;
beforeAll(async () => {
  await studio.session.tfjs();
  before = liveTensors();
});
afterAll(() => expect(studio.close(before)).toBe(0));

/** From the bytes of a model to those of its file, and what LiteRT makes of these. */
async function takenThrough(path: string, bytes: Uint8Array) {
  const { result: view } = await studio.run('openModel', { files: [{ path, bytes }] });
  await studio.run('randomData', { seed: 4, calibrationSamples: 30, evaluationSamples: 20 });
  await studio.run('calibrate', {});
  const { result: exported } = await studio.run('exportFile', { settings: DEFAULT_SETTINGS });
  const { result: verification } = await studio.run('verify', { file: exported.bytes, compareSamples: 4 });
  const { result: sensitivity } = await studio.run('sensitivity', { settings: DEFAULT_SETTINGS, samples: 5 });
  return { view, exported, verification, sensitivity };
}

describe.each(Object.entries(FORMATS))('%s', (path, write) => {
  let plain: Awaited<ReturnType<typeof takenThrough>>;
  beforeAll(async () => {
    plain = await takenThrough(path, write(['x', 'w', 'h', 'v', 'y']));
  });

  it.each(TURNS.map((roles) => [roles[0].slice(0, 20), roles] as const))(
    'with an input called %s gives the figures of its twin with plain names',
    async (_, roles) => {
      const { view, exported, verification, sensitivity } = await takenThrough(path, write(roles));
      expect(view.inputs.map(({ id }) => id)).toEqual([roles[0]]);
      const { ops } = readTflite(exported.bytes, 'made.tflite');
      expect(ops.map(({ kind }) => kind)).toEqual(['fullyConnected', 'fullyConnected']);
      expect(verification.runtime).toMatchObject({
        mismatches: 0,
        maxLsb: 0,
        elements: plain.verification.runtime.elements,
      });
      expect(verification.file).toEqual(plain.verification.file);
      expect(sensitivity).toHaveLength(plain.sensitivity.length);
    },
  );
});
