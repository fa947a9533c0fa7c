import { describe, expect, it } from 'vitest';
import { MaskFiles, pairMasks, sizedMask } from './masks';

const files = (...paths: string[]) => paths.map((path) => ({ path }));

describe('label maps beside images', () => {
  it.each([
    ['folders', ['d/images/a.jpg', 'd/images/b.jpg', 'd/masks/a.png', 'd/masks/b.png']],
    [
      'VOC',
      ['VOC/JPEGImages/a.jpg', 'VOC/JPEGImages/b.jpg', 'VOC/SegmentationClass/a.png', 'VOC/SegmentationClass/b.png'],
    ],
    ['parts', ['images/val/a.jpg', 'images/val/b.jpg', 'labels/val/a.png', 'labels/val/b.png']],
    ['names', ['a.png', 'b.png', 'a_mask.png', 'b_mask.png']],
  ])('are found by %s', (_, paths) => {
    const paired = pairMasks(files(...paths))!;
    expect(paired.images.map(({ path }) => path)).toEqual(paths.slice(0, 2));
    expect(paired.images.map((image) => paired.maskOf.get(image)?.path)).toEqual(paths.slice(2));
  });

  it('are no folder of people who wear masks', () => {
    expect(pairMasks(files('mask/1.png', 'mask/2.png', 'no_mask/1.png', 'no_mask/2.png'))).toBeNull();
  });

  it('are decoded when they are asked for, and say which file is damaged', async () => {
    const mask = { height: 1, width: 1, values: Uint8Array.of(3) };
    const file = { path: 'a_mask.png', load: async () => Uint8Array.of(7) };
    const masks = new MaskFiles([file], (bytes) => ({ ...mask, values: bytes }));
    await masks.load(0);
    expect(masks.of(0).values).toEqual(Uint8Array.of(7));
  });
});

describe('the size of an output', () => {
  const mask = { height: 2, width: 4, values: Uint8Array.of(1, 1, 2, 2, 3, 3, 4, 4) };

  it('takes the class of the pixel that a position lies on', () => {
    expect([...sizedMask(mask, 2, 2)]).toEqual([1, 2, 3, 4]);
    expect([...sizedMask(mask, 4, 4)]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  });

  it('leaves out what images are cut to their middle for', () => {
    expect([
      ...sizedMask({ height: 1, width: 4, values: Uint8Array.of(9, 1, 2, 9) }, 1, 1, { aspect: 2 }),
    ]).toHaveLength(1);
    expect([...sizedMask({ height: 2, width: 4, values: Uint8Array.of(9, 1, 2, 9, 9, 3, 4, 9) }, 2, 2, { aspect: 1 })]).toEqual([1, 2, 3, 4]); // prettier-ignore
  });
});
