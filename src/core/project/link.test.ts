import { describe, expect, it } from 'vitest';
import { DEFAULT_SPLIT } from '../data/defaults';
import { DEFAULT_SETTINGS } from '../quantize/settings';
import { isShared, LINK_BYTES, linkHash, readLink } from './link';

/** JSON has no −0, so no range begins there. */
const range = (i: number) => ({ range: { min: -(i + 1) / 7, max: i / 3 } });
const link = {
  model: { name: 'pretrainedResnet', fingerprint: '0123456789abcdef' },
  choices: {
    settings: {
      ...DEFAULT_SETTINGS,
      weights: { ...DEFAULT_SETTINGS.weights, format: 'int4' },
      tensors: Object.fromEntries(
        Array.from({ length: 16 }, (_, i) => [`model/conv2d_${i}/Relu;StatefulPartitionedCall`, range(i)]),
      ),
      layers: { 'model/dense/MatMul': { keepFloat: true } },
    },
    data: { ...DEFAULT_SPLIT },
  },
  tab: 'diagnose',
  layer: 'model/conv2d_3/Relu',
};

describe('a shared link', () => {
  it('comes back as it was, from an address of ordinary length', () => {
    const hash = linkHash(link);
    expect(isShared(hash)).toBe(true);
    expect(hash).toMatch(/^#[\w=-]+$/);
    expect(hash.length).toBeLessThan(LINK_BYTES);
    expect(readLink(hash)).toEqual(link);
  });

  it.each([
    ['of a newer version', '#w9=abc', 'unsupported-feature'],
    ['cut off', linkHash(link).slice(0, 60), 'corrupt-file'],
    ['of other letters', '#w1=%%%', 'corrupt-file'],
    ['of something else', '#w1=AAAA', 'corrupt-file'],
  ])('%s is refused', (_, hash, code) => {
    expect(() => readLink(hash)).toThrow(expect.objectContaining({ code }));
  });

  it('is told from an anchor', () => expect(isShared('#view')).toBe(false));
});
