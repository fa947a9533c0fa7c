import { describe, expect, it } from 'vitest';
import { cocoBoxes, cocoFolderBoxes, yoloBoxes } from './boxes';
import type { SampleSource } from './types';

const text = (path: string, content: unknown) => ({
  path,
  bytes: new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content)),
});

function source(more: Partial<SampleSource>): SampleSource {
  return { name: 's', kind: 'images', size: 2, read: () => Promise.reject(new Error('not read here')), ...more };
}

const COCO = {
  images: [
    { id: 7, file_name: 'b.jpg', width: 200, height: 100 },
    { id: 3, file_name: 'a.jpg', width: 50, height: 50 },
  ],
  categories: [
    { id: 18, name: 'dog' },
    { id: 1, name: 'person' },
  ],
  annotations: [
    { image_id: 7, category_id: 18, bbox: [20, 10, 100, 50] },
    { image_id: 7, category_id: 1, bbox: [0, 0, 200, 100], iscrowd: 1 },
  ],
};

describe('COCO’s boxes', () => {
  it('are found by file name, in shares of the image, categories in the order of their ids', () => {
    const { boxes, classNames } = cocoBoxes(text('a.json', COCO), source({ sampleNames: ['x/a.jpg', 'x/b.jpg'] }));
    expect(classNames).toEqual(['person', 'dog']);
    expect(boxes.of(0)).toEqual([]);
    expect(boxes.of(1)).toEqual([
      { x: 0.1, y: 0.1, width: 0.5, height: 0.5, category: 1 },
      { x: 0, y: 0, width: 1, height: 1, category: 0, crowd: true },
    ]);
  });

  it('are those of arrays in the order of their ids', () => {
    expect(cocoBoxes(text('a.json', COCO), source({})).boxes.of(1)).toHaveLength(2);
    expect(() => cocoBoxes(text('a.json', COCO), source({ size: 3 }))).toThrow('3 samples and 2 images');
  });

  it('come from a file for each part of a data set, whose ids may be the same', () => {
    const other = { ...COCO, images: [{ id: 7, file_name: 'c.jpg', width: 10, height: 10 }], annotations: [] };
    const captions = { images: COCO.images, annotations: [{ image_id: 7, caption: 'a dog' }] };
    const files = [
      text('instances_train.json', COCO),
      text('instances_val.json', other),
      text('captions.json', captions),
    ];
    const found = cocoFolderBoxes(files, source({ sampleNames: ['train/b.jpg', 'val/c.jpg'] }))!;
    expect(found.used.map(({ path }) => path)).toEqual(['instances_train.json', 'instances_val.json']);
    expect([0, 1].map((i) => found.fields.boxes.of(i).length)).toEqual([2, 0]);
  });

  it('are refused where the file is something else', () => {
    expect(() => cocoBoxes(text('a.json', { images: [] }), source({}))).toThrow(expect.objectContaining({ code: 'invalid-data', where: 'a.json' })); // prettier-ignore
    expect(() => cocoBoxes(text('a.json', '{ "images"'), source({}))).toThrow('no JSON');
    expect(() => cocoBoxes(text('a.json', COCO), source({ sampleNames: ['c.png', 'd.png'] }))).toThrow('None of the images'); // prettier-ignore
  });
});

describe('YOLO’s boxes', () => {
  const images = source({ sampleNames: ['images/a.jpg', 'images/b.jpg'] });

  it('are read by the name of the image; one without a file shows nothing', () => {
    const { boxes } = yoloBoxes([text('labels/b.txt', '2 0.5 0.5 0.2 0.4\n0 0.25 0.25 0.5 0.5\n')], images)!.fields;
    expect(boxes.categories).toBe(3);
    expect(boxes.of(0)).toEqual([]);
    expect(boxes.of(1)[1]).toEqual({ x: 0, y: 0, width: 0.5, height: 0.5, category: 0 });
  });

  it('are those around outlines', () => {
    const { boxes } = yoloBoxes([text('labels/a.txt', '1 0.5 0.25 0.75 0.5 0.5 0.75 0.25 0.5\n')], images)!.fields;
    expect(boxes.of(0)).toEqual([{ x: 0.25, y: 0.25, width: 0.5, height: 0.5, category: 1 }]);
  });

  it('are told apart where training and validation have files of one name', () => {
    const both = source({ sampleNames: ['d/images/train/a.jpg', 'd/images/val/a.jpg'] });
    const files = ['train', 'val'].map((part, i) => text(`d/labels/${part}/a.txt`, `${i} 0.5 0.5 1 1`));
    const { boxes } = yoloBoxes(files, both)!.fields;
    expect([0, 1].map((i) => boxes.of(i)[0].category)).toEqual([0, 1]);
  });

  it('are nothing where the text is something else', () => {
    expect(yoloBoxes([text('labels/b.txt', 'a dog\n')], images)).toBeUndefined();
    expect(yoloBoxes([text('labels/c.txt', '0 0.5 0.5 1 1\n')], images)).toBeUndefined();
  });
});
