import { describe, expect, it } from 'vitest';
import { pairMasks } from './mask-files';

const pairs = (...paths: string[]) => {
  const found = pairMasks(paths.map((path) => ({ path })));
  return found && Object.fromEntries([...found.maskOf].map(([image, mask]) => [image.path, mask.path]));
};

describe('masks', () => {
  it.each([
    ['in a folder of their own', ['d/images/a.jpg', 'd/masks/a.png'], { 'd/images/a.jpg': 'd/masks/a.png' }],
    ['below a folder called like one', ['seg/x/a.jpg', 'seg/masks/a.png'], { 'seg/x/a.jpg': 'seg/masks/a.png' }],
    ['of pictures that are PNG, too', ['d/imgs/a.png', 'd/label/a.png'], { 'd/imgs/a.png': 'd/label/a.png' }],
    ['of the same name beside photographs', ['a.jpg', 'a.png'], { 'a.jpg': 'a.png' }],
    ['with a suffix', ['d/a.png', 'd/a_mask.png'], { 'd/a.png': 'd/a_mask.png' }],
    ['with a suffix in a folder', ['x/a.jpg', 'masks/a_mask.png'], { 'x/a.jpg': 'masks/a_mask.png' }],
    [
      'of two parts with the same names',
      ['img/train/1.jpg', 'img/val/1.jpg', 'masks/train/1.png', 'masks/val/1.png'],
      { 'img/train/1.jpg': 'masks/train/1.png', 'img/val/1.jpg': 'masks/val/1.png' },
    ],
  ])('%s', (_, paths, expected) => {
    expect(pairs(...paths)).toEqual(expected);
  });

  it('are none where classes are called like them, and names do not meet', () => {
    expect(pairs('d/masks/1.png', 'd/masks/2.png', 'd/faces/3.png')).toBeNull();
    expect(pairs('a.png', 'b.png')).toBeNull();
  });
});
