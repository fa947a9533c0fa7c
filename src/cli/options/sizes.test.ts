import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parsed as parse, runCli } from '../../testing/builders/cli';
import { writeOnnx } from '../../testing/builders/onnx-writer';
import { readSize, sizesAsked, sizesOf } from './sizes';

const folder = mkdtempSync(join(tmpdir(), 'rangefinder-sizes-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('--size', () => {
  it('gives sizes by name', () => {
    expect(sizesOf(['height=224', 'x[1]=3'].map(readSize))).toEqual({ height: 224, 'x[1]': 3 });
    expect(parse(['inspect', 'm', '--size', 'a=2'])).toMatchObject({ command: 'inspect', sizes: { a: 2 } });
    expect(parse(['quantize', 'm', '--data', 'd', '--out', 'o', '--size', 'a=2'])).toMatchObject({ sizes: { a: 2 } });
    expect(parse(['qat', 'm', '--data', 'd', '--size', 'a=2'])).toMatchObject({ sizes: { a: 2 } });
    expect(parse(['diagnose', 'm', '--data', 'd', '--size', 'a=2'])).toMatchObject({ sizes: { a: 2 } });
  });

  it.each(['224', '=3', 'h=', 'h=0', 'h=1.5', 'h=-1'])('takes no "%s"', (text) => {
    expect(() => readSize(text)).toThrow(`not "${text}"`);
  });

  it('is asked for where a model leaves sizes open, and opens it', async () => {
    expect(sizesAsked(['height', 'x[1]'])).toBe("--size height=N --size 'x[1]=N'");
    const path = join(folder, 'open.onnx');
    writeFileSync(
      path,
      writeOnnx({
        inputs: { x: ['n', 2, 'h', 'w'] },
        outputs: ['y'],
        nodes: [['MaxPool', 'x', 'y', { kernel_shape: [2, 2] }]],
      }),
    );
    const asked = await runCli(['inspect', path]);
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain('An input leaves sizes open: "x": [N, 2, h, w].');
    expect(asked.stderr).toContain('with: --size h=N --size w=N');
    const opened = await runCli(['inspect', path, '--size', 'h=6', '--size', 'w=8']);
    expect(opened.stdout).toContain('input x N×6×8×2 float32');
    expect(opened.stdout).toContain('output y N×5×7×2 float32');
  });
});
