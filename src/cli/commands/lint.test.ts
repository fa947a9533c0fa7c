import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../testing/builders/cli';
import { fixturePath, haveFixtures } from '../../testing/fixtures/fixtures';

const folder = mkdtempSync(join(tmpdir(), 'rangefinder-lint-'));
afterAll(() => rmSync(folder, { recursive: true }));

const INT8 = 'mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite';
const HYBRID = 'mlperf_tiny/kws/trained_models/kws_ref_model_float32.tflite';

describe('rangefinder lint', () => {
  it('asks for a target, and for a file of the right kind', async () => {
    expect(await runCli(['lint', 'f.tflite'])).toMatchObject({ code: 2 });
    const text = join(folder, 'text.tflite');
    writeFileSync(text, 'no model');
    expect(await runCli(['lint', text, '--target', 'tflm'])).toMatchObject({ code: 1 });
  });

  it.skipIf(!haveFixtures)('passes an int8 file and refuses a hybrid one', async () => {
    const fine = await runCli(['lint', fixturePath(INT8), '--target', 'ethos-u55', '--target', 'tflm']);
    expect(fine).toMatchObject({ code: 0, stdout: expect.stringContaining('ethos-u55: nothing found') as string });
    const refused = await runCli(['lint', fixturePath(HYBRID), '--target', 'tflm', '--format', 'json']);
    expect(refused.code).toBe(1);
    const [{ findings }] = JSON.parse(refused.stdout) as [{ findings: { rule: string }[] }];
    expect(findings.map(({ rule }) => rule)).toContain('tflm/hybrid');
  });

  it.skipIf(!haveFixtures)('holds a file against the memory of the device', async () => {
    const lint = ['lint', fixturePath(INT8), '--target', 'tflm', '--flash', '50000'];
    expect(await runCli(lint)).toMatchObject({ code: 1, stdout: expect.stringContaining('memory/flash') as string });
  });

  it('is part of quantizing where a target is named', async () => {
    const digits = join(import.meta.dirname, '../../../public/samples/digits');
    const [out, report] = [join(folder, 'd.tflite'), join(folder, 'd.json')];
    const data = ['--data', join(digits, 'digits.npz'), '--calibrate', '20', '--evaluate', '20'];
    const files = ['--out', out, '--report', report, '--target', 'stm32mp2', '--quiet'];
    expect(await runCli(['quantize', join(digits, 'model/model.json'), ...data, ...files])).toMatchObject({ code: 0 });
    const { targets } = JSON.parse(readFileSync(report, 'utf8')) as { targets: { findings: { rule: string }[] }[] };
    expect(new Set(targets[0].findings.map(({ rule }) => rule))).toEqual(new Set(['stm32mp2/per-channel']));
  });
});
