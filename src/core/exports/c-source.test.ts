import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linesGraph } from '../../testing/builders/small-model';
import { cSource } from './c-source';
import { sampleGraphs } from '../model-formats/tflite/sample-graphs';
import { writeTflite } from '../model-formats/tflite/write';

const compiler = ['g++', 'c++', 'clang++'].find((name) => spawnSync(name, ['--version']).status === 0);

describe('cSource', () => {
  it('names the array like the file, and says what goes in and out', () => {
    const { int8 } = sampleGraphs().find((sample) => sample.int8)!;
    const source = cSource(writeTflite(int8!), '2 nets/my-net_int8.tflite');
    expect(source).toContain('alignas(16) const unsigned char _2_nets_my_net_int8_tflite[] = {');
    expect(source).toMatch(/^\/\/ input .+: int8 \[[\d, ]+\], scale [\d.e-]+, zeroPoint -?\d+$/m);
    expect(cSource(writeTflite(linesGraph()), '模型.tflite')).toMatch(/^\/\/ input x: float32 \[1, 8, 8, 1\]$/m);
  });

  it('takes no line from names in the file', () => {
    const graph = linesGraph();
    const name = 'x\n#include </etc/passwd>\\';
    const rename = (id: string) => (id === 'x' ? name : id);
    const tensors = new Map([...graph.tensors].map(([id, tensor]) => [rename(id), { ...tensor, id: rename(id) }]));
    const ops = graph.ops.map((op) => ({ ...op, inputs: op.inputs.map((id) => id && rename(id)) }));
    const renamed = { ...graph, tensors, ops, inputs: [name] } as typeof graph;
    const lines = cSource(writeTflite(renamed), 'a.tflite').split('\n');
    expect(lines.filter((line) => line.startsWith('#'))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('//') && line.endsWith('\\'))).toEqual([]);
  });

  it.skipIf(!compiler)('compiles to the very bytes, aligned', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rangefinder-c-'));
    const bytes = writeTflite(linesGraph());
    writeFileSync(join(folder, 'model.cc'), cSource(bytes, 'model.tflite'));
    const main = `#include <cstdio>
      extern const unsigned char model_tflite[]; extern const unsigned int model_tflite_len;
      int main() { if (reinterpret_cast<unsigned long>(model_tflite) % 16) return 1;
        return fwrite(model_tflite, 1, model_tflite_len, stdout) == model_tflite_len ? 0 : 2; }`;
    writeFileSync(join(folder, 'main.cc'), main);
    const built = spawnSync(compiler!, ['-std=c++17', 'model.cc', 'main.cc', '-o', 'run'], { cwd: folder });
    expect(built.stderr.toString()).toBe('');
    const { status, stdout } = spawnSync(join(folder, 'run'));
    expect(status).toBe(0);
    expect(new Uint8Array(stdout)).toEqual(bytes);
    expect(
      readFileSync(join(folder, 'model.cc'), 'utf8')
        .split('\n')
        .every((line) => line.length < 200),
    ).toBe(true);
  });
});
