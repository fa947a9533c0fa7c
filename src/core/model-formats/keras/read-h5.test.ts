import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { expectGolden, outputsOf, readGolden } from '../../../testing/fixtures/keras-goldens';
import { RangefinderError, toErrorInfo } from '../../../base/errors';
import type { TensorId } from '../../graph/graph';
import { readTflite } from '../tflite/read';
import { readKerasH5 } from './read-h5';

// HDF5 writes to stderr what it throws; it takes hold of console.error when it is first loaded.
vi.spyOn(console, 'error').mockReturnValue();

const read = (path: string) => readKerasH5(readFixture(path), path.slice(path.lastIndexOf('/') + 1));
const goldenOf = (path: string) => readGolden(`goldens/${path.replaceAll('/', '__')}.npz`);

describe.skipIf(!haveFixtures)('readKerasH5', () => {
  it.each([
    'mlperf_tiny/ic/trained_models/pretrainedResnet.h5',
    'mlperf_tiny/ad/trained_models/ad01.h5',
    'keras/h5_keras2.0/fer2013_mini_XCEPTION.102-0.66.hdf5',
  ])('computes what Keras computes: %s', async (path) => {
    await expectGolden(await read(path), goldenOf(path), 1e-4);
  });

  // Outputs of TensorFlow Lite, which ran the conversion of the same training.
  it.each([['mlperf_tiny/vww/trained_models/vww_96.h5', 'mlperf_tiny/vww/trained_models/vww_96_float.tflite']])(
    'computes what its .tflite twin computes: %s',
    async (path, twin) => {
      await expectGolden(await read(path), goldenOf(twin), 1e-4);
    },
  );

  it('computes what its int8 twin computes, up to a step of its output: str_ww_ref_model.h5', async () => {
    const twin = 'mlperf_tiny/sww/trained_models/str_ww_ref_model.tflite';
    const { tensors, inputs, outputs } = readTflite(readFixture(twin), twin);
    const real = (id: TensorId, values: Float32Array) => {
      const { scale, zeroPoint } = tensors.get(id)!.quant!;
      return values.map((q) => (q - zeroPoint[0]) * scale[0]);
    };
    const golden = goldenOf(twin);
    const step = tensors.get(outputs[0])!.quant!.scale[0];
    const graph = await read('mlperf_tiny/sww/trained_models/str_ww_ref_model.h5');
    const [actual] = await outputsOf(graph, [real(inputs[0], golden.inputs[0])], 1);
    const expected = real(outputs[0], golden.outputs[0].data);
    expect(actual).toHaveLength(3);
    for (const [i, value] of expected.entries()) expect(Math.abs(actual[i] - value)).toBeLessThan(step);
  });

  it.each(['lstm', 'mobilenetv3_block', 'nested', 'separable', 'shared', 'unet'])(
    'reads the old format as Keras 3 writes it: %s.h5',
    async (name) => {
      await expectGolden(
        await read(`conformance/keras3/${name}.h5`),
        readGolden(`conformance/keras3/${name}.npz`),
        1e-5,
      );
    },
  );

  it('keeps names, and says where the model came from', async () => {
    const { inputs, outputs, ops, provenance } = await read('mlperf_tiny/ic/trained_models/pretrainedResnet.h5');
    expect([inputs, outputs]).toEqual([['input_1'], ['dense']]);
    expect(ops.slice(0, 3).map((op) => op.sourceName)).toEqual(['conv2d', 'batch_normalization', 'activation']);
    expect(provenance).toMatchObject({
      format: 'keras-h5',
      fileName: 'pretrainedResnet.h5',
      fileBytes: 1116712,
      producer: 'Keras 2.4.0 tensorflow',
      signatures: [{ key: 'serving_default', inputs: { input_1: 'input_1' }, outputs: { dense: 'dense' } }],
    });
  });

  it('calls a shared layer twice with the same weights', async () => {
    const { ops, tensors } = await read('conformance/keras3/shared.h5');
    const dense = ops.filter((op) => op.kind === 'fullyConnected');
    expect(dense).toHaveLength(2);
    expect(dense[0].inputs.slice(1)).toEqual(dense[1].inputs.slice(1));
    expect([...tensors.values()].filter((t) => t.data)).toHaveLength(2);
  });

  it.each([
    ['resnet_empty.h5', 'corrupt-file', /empty/],
    ['resnet_first16bytes.h5', 'corrupt-file', /ends within its header, after 16 bytes/],
    ['resnet_half.h5', 'corrupt-file', /truncated: 558356 of 1116712 bytes/],
    ['resnet_wrong_identifier.tflite', 'unknown-format', /not an HDF5 file/],
  ])('refuses broken/derived/%s', async (name, code, message) => {
    const error = await read(`broken/derived/${name}`).catch(toErrorInfo);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string, where: name });
  });

  it('explains a file of weights without architecture', async () => {
    const error = await read('keras/tensorspace_keras/rawModel/separated/weights.h5').catch(toErrorInfo);
    expect(error).toMatchObject({ code: 'missing-file', hint: expect.stringContaining('model.save') as string });
  });

  it(
    'ends in a Graph or a typed error whatever bits are flipped, and reads the next file',
    { timeout: 30_000 },
    async () => {
      const path = 'keras/tensorspace_keras/rawModel/combined/mnist.h5';
      const whole = readFixture(path);
      await fc.assert(
        fc.asyncProperty(
          // Metadata sits in the first 64 KiB; the weights behind it may hold anything.
          fc.array(fc.tuple(fc.integer({ min: 0, max: 65535 }), fc.integer({ min: 0, max: 7 })), {
            minLength: 1,
            maxLength: 30,
          }),
          async (flips) => {
            const bytes = whole.slice();
            for (const [at, bit] of flips) bytes[at] ^= 1 << bit;
            await readKerasH5(bytes, 'flipped.h5').catch((error: unknown) => {
              expect(error).toBeInstanceOf(RangefinderError);
            });
          },
        ),
        { numRuns: 60 },
      );
      expect((await readKerasH5(whole, 'whole.h5')).outputs).toEqual(['Softmax']);
    },
  );
});
