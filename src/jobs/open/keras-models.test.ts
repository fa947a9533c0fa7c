import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { liveTensors, TestSession } from '../../testing/builders/session';

/** One for each way ops beyond plain image networks come together. */
const MODELS = [
  'act_gelu',
  'act_log_softmax',
  'act_mish',
  'bilstm',
  'dot_mul_max_avg_sub',
  'embedding',
  'groupnorm',
  'gru',
  'layernorm',
  'lstm_seq',
  'mha',
  'timedistributed_conv',
  'unitnorm',
  'vit_block',
];

describe.skipIf(!haveFixtures)('small Keras 3 models on random data, from file to verified file', () => {
  it.each(MODELS)('%s computes in LiteRT what the integer reference says', async (name) => {
    const studio = new TestSession();
    await studio.session.tfjs();
    const before = liveTensors();
    const path = `conformance/keras3/${name}.keras`;
    await studio.run('openModel', { files: [{ path, bytes: readFixture(path) }] });
    await studio.run('randomData', { seed: 42, calibrationSamples: 32, evaluationSamples: 32 });
    await studio.run('calibrate', {});
    const { result: exported } = await studio.run('exportFile', { settings: DEFAULT_SETTINGS });
    const { result } = await studio.run('verify', { file: exported.bytes, compareSamples: 8 });
    expect(studio.close(before)).toBe(0);
    expect(result.runtime.elements).toBeGreaterThan(0);
    expect(result.runtime.tensors.filter(({ mismatches }) => mismatches > 0)).toEqual([]);
    const { metric, value } = result.file;
    if (metric === 'sqnr') expect(value).toBeGreaterThan(10);
    else expect(value).toBeGreaterThan(0.9);
  });
});
