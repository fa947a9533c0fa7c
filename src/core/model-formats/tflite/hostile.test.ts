/** Damaged and hostile files end in a typed error or a clean load, in bounded time. */
import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { Random } from '../../../base/random';
import { RangefinderError, toErrorInfo } from '../../../base/errors';
import { readTflite } from './read';
import { sampleGraphs } from './sample-graphs';
import { IDENTIFIER } from './schema/enums';
import { encode } from './schema/encode';
import type { Draft } from './schema/tables';
import { writeTflite } from './write';

/** 'ok', or the code of the typed error; anything else fails the test. */
function outcome(bytes: Uint8Array): string {
  try {
    readTflite(bytes, 'hostile.tflite');
    return 'ok';
  } catch (error) {
    if (error instanceof RangefinderError && error.code !== 'internal') return error.code;
    throw error;
  }
}

function mutate(original: Uint8Array, random: Random): Uint8Array {
  const bytes = original.slice();
  const view = new DataView(bytes.buffer);
  for (let n = 1 + random.integer(4); n > 0; n--) {
    const at = random.integer(bytes.length - 8);
    switch (random.integer(4)) {
      case 0: // one bit
        bytes[at] ^= 1 << random.integer(8);
        break;
      case 1: // an extreme offset, length or dimension
        view.setInt32(at & ~3, [0, -1, 2 ** 31 - 1, -(2 ** 31), bytes.length, 65535][random.integer(6)], true);
        break;
      case 2: // a small number where another small number stood
        bytes[at] = random.integer(9);
        break;
      case 3: // a stretch copied over another
        bytes.copyWithin(at, random.integer(bytes.length - 8), random.integer(bytes.length - 8) + 8);
    }
  }
  return random.integer(20) === 0 ? bytes.slice(0, random.integer(bytes.length)) : bytes;
}

describe('random damage', () => {
  it('of small files with every op kind is survived', () => {
    const random = new Random(1);
    const outcomes: Record<string, number> = {};
    for (const { float, int8 } of sampleGraphs())
      for (const graph of int8 ? [float, int8] : [float]) {
        const original = writeTflite(graph);
        for (let i = 0; i < 60; i++) {
          const result = outcome(mutate(original, random));
          outcomes[result] = (outcomes[result] ?? 0) + 1;
        }
      }
    // The damage is neither invisible nor always fatal.
    expect(outcomes.ok).toBeGreaterThan(300);
    expect(outcomes['corrupt-file']).toBeGreaterThan(300);
  });

  it
    .skipIf(!haveFixtures)
    .each([
      'mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite',
      'mlperf_tiny/kws/trained_models/kws_ref_model_float32.tflite',
      'tflite/mediapipe/face_detection_short_range.tflite',
      'tflite/tflite_support/dilated_conv.tflite',
    ])(
    'of %s is survived',
    (path) => {
      const original = readFixture(path);
      const random = new Random(2);
      for (let tried = 0; tried < 40; tried++) outcome(mutate(original, random));
    },
    20_000,
  );
});

describe('every truncation', () => {
  it('of a small file is a typed error', () => {
    const original = writeTflite(sampleGraphs()[0].float);
    for (let length = 8; length < original.length; length++)
      expect(outcome(original.subarray(0, length))).toBe('corrupt-file');
  });
});

describe('hostile files', () => {
  it('cannot unfold into more than they hold by pointing many offsets at one table', () => {
    // 40,000 subgraph offsets, all to one subgraph with 40,000 tensor offsets, all to one tensor: 1.6 billion tensors.
    const count = 40_000;
    const model = 24;
    const subgraphs = model + 8;
    const subgraph = subgraphs + 4 + 4 * count + 12;
    const tensors = subgraph + 8;
    const tensor = tensors + 4 + 4 * count + 12;
    const bytes = new Uint8Array(tensor + 8);
    const view = new DataView(bytes.buffer);
    const point = (at: number, target: number) => view.setUint32(at, target - at, true);
    /** A table whose only field, in this slot, is an offset; its vtable right before it. */
    const table = (at: number, slot: number, target: number) => {
      view.setUint16(at - 12, 4 + 2 * 4, true);
      view.setUint16(at - 10, 8, true);
      view.setUint16(at - 8 + 2 * slot, 4, true);
      view.setInt32(at, 12, true);
      point(at + 4, target);
    };
    const vector = (at: number, target: number) => {
      view.setUint32(at, count, true);
      for (let i = 0; i < count; i++) point(at + 4 + 4 * i, target);
    };
    bytes.set(new TextEncoder().encode(IDENTIFIER), 4);
    point(0, model);
    table(model, 2, subgraphs);
    vector(subgraphs, subgraph);
    table(subgraph, 0, tensors);
    vector(tensors, tensor);
    view.setUint16(tensor - 12, 4, true); // an empty vtable
    view.setUint16(tensor - 10, 4, true);
    view.setInt32(tensor, 12, true);
    expect(() => readTflite(bytes, 'bomb.tflite')).toThrow(/repeats more content than the file can hold/);
  });

  it.each([
    ['a tensor that does not exist', { outputs: [7] }, 'tensor 7 is used but only 2 exist'],
    ['an operator without code', { opcodeIndex: 3 }, 'operator 0 has no operator code'],
    ['an input nobody wrote', { inputs: [1] }, 'RELU reads "y" before anything wrote it'],
    ['a shape no operator computes', { shape: [2, 4] }, 'RELU declares the shape [2, 4] but computes [1, 4]'],
    ['a buffer that does not exist', { buffer: 9 }, 'tensor "y" refers to buffer 9 of 1'],
    ['nine dimensions', { shape: [1, 1, 1, 1, 1, 1, 1, 1, 1] }, 'tensor "y" has 9 dimensions'],
    ['a negative dimension', { shape: [1, -4] }, 'tensor "y" has a dimension of -4'],
  ])('%s is named', (_what, change, message) => {
    try {
      readTflite(relu(change), 'hostile.tflite');
      expect.unreachable();
    } catch (error) {
      expect(toErrorInfo(error)).toMatchObject({ code: 'corrupt-file' });
      expect(toErrorInfo(error).message).toContain(message);
    }
  });

  it('of one operator reads, unchanged', () => {
    expect(outcome(relu({}))).toBe('ok');
  });
});

interface Change {
  readonly inputs?: readonly number[];
  readonly outputs?: readonly number[];
  readonly opcodeIndex?: number;
  readonly shape?: readonly number[];
  readonly buffer?: number;
}

/** x → RELU → y, with one thing wrong. */
function relu({ inputs = [0], outputs = [1], opcodeIndex = 0, shape = [1, 4], buffer = 0 }: Change): Uint8Array {
  const model: Draft<'Model'> = {
    version: 3,
    operatorCodes: [{ deprecatedBuiltinCode: 19, builtinCode: 19 }],
    subgraphs: [
      {
        tensors: [
          { name: 'x', shape: Int32Array.of(1, 4) },
          { name: 'y', shape: Int32Array.from(shape), buffer },
        ],
        inputs: Int32Array.of(0),
        outputs: Int32Array.of(1),
        operators: [{ opcodeIndex, inputs: Int32Array.from(inputs), outputs: Int32Array.from(outputs) }],
      },
    ],
    buffers: [{}],
  };
  return encode('Model', model, IDENTIFIER, 1024);
}
