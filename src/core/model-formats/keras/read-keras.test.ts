import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it, vi } from 'vitest';
import { haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { expectGolden, readGolden } from '../../../testing/fixtures/keras-goldens';
import { RangefinderError, toErrorInfo } from '../../../base/errors';
import { readModel } from '../read-model';

// HDF5 writes to stderr what it throws; it takes hold of console.error when it is first loaded.
vi.spyOn(console, 'error').mockReturnValue();

const text = (content: string) => new TextEncoder().encode(content);
const read = (path: string) => readModel([{ path, bytes: readFixture(path) }]);
const goldenOf = (path: string) => readGolden(`goldens/${path.replaceAll('/', '__')}.npz`);

describe('readKeras', () => {
  it('says that the architecture of a subclassed model is code', async () => {
    const config = { module: null, class_name: 'ELMModel', config: {}, registered_name: 'Custom>ELMModel' };
    const files = { 'config.json': text(JSON.stringify(config)), 'model.weights.h5': text('x') };
    const error = await readModel([{ path: 'elm.keras', bytes: zipSync(files) }]).catch(toErrorInfo);
    expect(error).toMatchObject({
      code: 'unsupported-feature',
      message: expect.stringContaining('ELMModel') as string,
    });
    expect((error as { hint: string }).hint).toContain('functional API');
  });

  it('says which file of the archive is damaged', async () => {
    const broken = { 'config.json': text('{"class_name"'), 'model.weights.h5': text('x') };
    const error = await readModel([{ path: 'a.keras', bytes: zipSync(broken) }]).catch(toErrorInfo);
    expect(error).toMatchObject({ code: 'corrupt-file', where: 'config.json' });
  });
});

describe.skipIf(!haveFixtures)('readKeras on real files', () => {
  it.each(['keras/keras3/emg_gru.keras', 'keras/keras3/emg_RNN2_150ms.keras'])(
    'computes what Keras computes: %s',
    async (path) => expectGolden(await read(path), goldenOf(path), 1e-5),
  );

  it('keeps names, and says where the model came from', async () => {
    const { inputs, outputs, ops, provenance } = await read('keras/keras3/emg_gru.keras');
    expect([inputs, outputs]).toEqual([['input_layer'], ['dense']]);
    expect([...new Set(ops.map((op) => op.sourceName))]).toEqual(
      ['gru', 'gru_1', 'dropout', 'dense'].filter((name) => ops.some((op) => op.sourceName === name)),
    );
    expect(provenance).toMatchObject({
      format: 'keras',
      fileName: 'keras/keras3/emg_gru.keras',
      fileBytes: readFixture('keras/keras3/emg_gru.keras').length,
      producer: 'Keras 3.9.2',
      notes: ['gru', 'gru_1'].map(
        (name) => `"${name}" is unrolled into 4 steps, because there is no integer operator for it: about 48 operators`,
      ),
    });
  });

  it('opens the files of an archive dropped loosely, and an archive within a zip', async () => {
    const archive = readFixture('conformance/keras3/separable.keras');
    const golden = readGolden('conformance/keras3/separable.npz');
    const loose = Object.entries(unzipSync(archive)).map(([name, bytes]) => ({ path: `net/${name}`, bytes }));
    await expectGolden(await readModel(loose), golden, 1e-5);
    const zip = zipSync({ 'models/net.keras': archive, 'README.md': text('# Model') });
    await expectGolden(await readModel([{ path: 'all.zip', bytes: zip }]), golden, 1e-5);
  });

  it('reads the layout of Keras 2.14, whose input here has no fixed size', async () => {
    const path = 'keras/keras3/clean_document_model_256_YUV_32_64.keras';
    expect(await read(path).catch(toErrorInfo)).toMatchObject({
      code: 'unsupported-feature',
      message: 'An input leaves sizes open: "image_input": [N, image_input[1], image_input[2], 3].',
      openSizes: ['image_input[1]', 'image_input[2]'],
    });
    const sizes = { 'image_input[1]': 32, 'image_input[2]': 48 };
    const graph = await readModel([{ path, bytes: readFixture(path) }], sizes);
    expect(graph.inputs.map((id) => graph.tensors.get(id)!.shape)).toEqual([[-1, 32, 48, 3]]);
    expect(graph.ops.filter((op) => op.kind === 'conv2d').map((op) => graph.tensors.get(op.inputs[1]!)!.shape)).toEqual(
      [
        [32, 3, 3, 3],
        [64, 3, 3, 32],
        [64, 3, 3, 64],
        [32, 3, 3, 64],
        [3, 3, 3, 32],
      ],
    );
  });

  it('refuses a custom model of a real file', async () => {
    expect(await read('keras/keras3/emg_elm.keras').catch(toErrorInfo)).toMatchObject({ code: 'unsupported-feature' });
  });

  it('ends in a Graph or a typed error whatever bits are flipped', { timeout: 30_000 }, async () => {
    const files = unzipSync(readFixture('conformance/keras3/lstm.keras'));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('config.json', 'model.weights.h5', 'metadata.json'),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 })), { minLength: 1, maxLength: 20 }),
        async (name, flips) => {
          const bytes = files[name].slice();
          for (const [at, bit] of flips) bytes[at % bytes.length] ^= 1 << bit;
          const archive = zipSync({ ...files, [name]: bytes });
          await readModel([{ path: 'flipped.keras', bytes: archive }]).catch((error: unknown) =>
            expect(error).toBeInstanceOf(RangefinderError),
          );
        },
      ),
      { numRuns: 80 },
    );
  });
});
