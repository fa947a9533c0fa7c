import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../../data/types';
import { toErrorInfo } from '../../../base/errors';
import type { StoredWeight } from './model-json';
import { openShards } from './weights';

const file = (path: string, bytes: ArrayLike<number>): SourceFile => ({ path, bytes: Uint8Array.from(bytes) });
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const weight = (name: string, shape: number[], dtype = 'float32'): StoredWeight => ({ name, shape, dtype });

function thrownBy(run: () => unknown) {
  try {
    run();
  } catch (error) {
    return toErrorInfo(error);
  }
  throw new Error('nothing was thrown');
}

describe('openShards', () => {
  it('joins weights across shard borders, wherever the borders fall', () => {
    const values = Array.from({ length: 24 }, (_, i) => Math.fround(i / 7));
    const bytes = floats(...values);
    const weights = [weight('a/kernel', [2, 5]), weight('a/bias', [3]), weight('b/kernel', [11])];
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: bytes.length }), { maxLength: 6 }), (cuts) => {
        const ends = [...cuts.sort((a, b) => a - b), bytes.length];
        const shards = ends.map((end, i) => file(`dir/s${i}`, bytes.subarray(ends[i - 1] ?? 0, end)));
        const paths = shards.map((s) => s.path.slice(4));
        const { source } = openShards([{ paths, weights }], shards, 'elsewhere/model.json');
        const read = [...source.layer(['a']), ...source.layer(['b'])].flatMap((array) => [...array.read()]);
        expect(read).toEqual(values);
      }),
    );
  });

  it('widens every stored type exactly as TensorFlow.js does', async () => {
    const bytes = Uint8Array.from({ length: 24 }, (_, i) => (i * 37 + 11) % 120);
    const cases: StoredWeight[] = [
      { ...weight('q8/w', [24]), quantization: { dtype: 'uint8', scale: 0.013, min: -1.5 } },
      { ...weight('q16/w', [12]), quantization: { dtype: 'uint16', scale: 1e-4, min: -0.25 } },
      { ...weight('h/w', [12]), quantization: { dtype: 'float16' } },
      weight('i/w', [6], 'int32'),
      weight('b/w', [24], 'bool'),
    ];
    const before = tf.memory().numTensors;
    for (const spec of cases) {
      const theirs = tf.io.decodeWeights(bytes.buffer, [spec as tf.io.WeightsManifestEntry]);
      const { source, notes } = openShards([{ paths: ['w'], weights: [spec] }], [file('w', bytes)], 'model.json');
      const [ours] = source.layer([spec.name.split('/')[0]]);
      expect([...ours.read()]).toEqual([...(await theirs[spec.name].data())].map(Math.fround));
      if (spec.quantization)
        expect(notes).toContain(`weights stored as ${spec.quantization.dtype} were widened to float32`);
      tf.dispose(theirs);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('prefers the shard beside model.json over one of the same name elsewhere', () => {
    const files = [file('m/w.bin', floats(1)), file('other/w.bin', floats(2))];
    const { source } = openShards([{ paths: ['./w.bin'], weights: [weight('a/k', [1])] }], files, 'm/model.json');
    expect([...source.layer(['a'])[0].read()]).toEqual([1]);
  });

  it('lists all missing shards at once', () => {
    const manifest = [{ paths: ['one', 'two', 'three'], weights: [weight('a/k', [1])] }];
    const error = thrownBy(() => openShards(manifest, [file('two', floats(1))], 'model.json'));
    expect(error).toMatchObject({ code: 'missing-file', details: ['one', 'three'] });
  });

  it('says how much a short shard holds and how much was expected', () => {
    const manifest = [{ paths: ['w'], weights: [weight('a/k', [4])] }];
    const error = thrownBy(() => openShards(manifest, [file('w', floats(1, 2, 3))], 'model.json'));
    expect(error).toMatchObject({ code: 'corrupt-file', where: 'w' });
    expect(error.message).toContain('16 bytes expected');
    expect(error.message).toContain('found 12');
  });

  it('refuses types it cannot read by name', () => {
    const manifest = [{ paths: ['w'], weights: [weight('a/names', [1], 'string')] }];
    expect(thrownBy(() => openShards(manifest, [file('w', floats(1))], 'm'))).toMatchObject({
      code: 'unsupported-feature',
      where: 'a/names',
    });
  });
});
