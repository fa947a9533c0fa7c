import { describe, expect, it } from 'vitest';
import { wavFile } from '../../testing/builders/wav-file';
import { openDataSet } from './open';

const text = (path: string, content: string) => ({ path, bytes: new TextEncoder().encode(content) });
/** Pictures are told by their signature, and none is decoded here. */
const picture = (path: string) => ({ path, bytes: Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xd9) });
const open = (...files: { path: string; bytes: Uint8Array }[]) =>
  openDataSet(files, { decodeImage: () => Promise.reject(new Error('no picture is read here')) });

describe('beside the samples', () => {
  it('a list of classes says how they are numbered, whatever its capitals', async () => {
    const source = await open(
      { path: 'd/_unknown_/1.wav', bytes: wavFile([0.5]) },
      { path: 'd/yes/1.wav', bytes: wavFile([0.5]) },
      text('d/labels.txt', 'Yes\nNo\nUnknown\n'),
    );
    expect(source).toMatchObject({ labels: Int32Array.of(2, 0), classNames: ['Yes', 'No', 'Unknown'], leftOut: [] });
    expect(source.notes).toEqual(['Classes are numbered as in d/labels.txt.']);
  });

  it('a list that lacks a class of the folders is not followed', async () => {
    const source = await open(picture('d/cat/1.jpg'), picture('d/dog/1.jpg'), text('d/labels.txt', 'dog\nhorse\n'));
    expect(source).toMatchObject({ labels: Int32Array.of(0, 1), classNames: ['cat', 'dog'] });
  });

  it('a table of file names and labels is read, whatever its name and the order of its columns', async () => {
    const pictures = ['a', 'b', 'c'].map((name) => picture(`set/images/${name}.jpg`));
    const table = text('set/train.csv', 'breed,id\npug,b\nhusky,a\npug,c\n');
    expect(await open(...pictures, table)).toMatchObject({
      classNames: ['husky', 'pug'],
      labels: Int32Array.of(0, 1, 1),
      leftOut: [],
    });
    expect(await open(...pictures, text('set/labels.csv', 'images/a.jpg,3\nimages/b.jpg,1\nimages/c.jpg,3\n'))).toMatchObject({ labels: Int32Array.of(3, 1, 3) }); // prettier-ignore
  });

  it.each([
    ['in brackets', 'path: .\nnc: 3\nnames: ["person", \'dog\', cat]\n'],
    ['numbered', 'train: images/train\nnames:\n  0: person\n  1: dog\n  2: cat\n'],
    ['behind dashes', 'names:\n- person\n- dog\n- cat\n'],
  ])('YOLO’s description names the categories, %s', async (_, yaml) => {
    const source = await open(
      picture('y/images/train/a.jpg'),
      picture('y/images/val/b.jpg'),
      text('y/labels/train/a.txt', '1 0.5 0.5 0.5 0.5\n'),
      text('y/labels/val/b.txt', '0 0.5 0.5 0.5 0.5\n'),
      text('y/labels/val/c.txt', '0 0.5 0.5 0.5 0.5\n'),
      text('y/data.yaml', yaml),
    );
    expect(source).toMatchObject({ kind: 'images', size: 2, evaluationStart: 1, classNames: ['person', 'dog', 'cat'] });
    expect(source.boxes).toMatchObject({ categories: 3 });
    expect(source.boxes!.of(0)[0].category).toBe(1);
    expect(source.labels).toBeUndefined();
  });

  it('COCO’s years are no classes, and its files of boxes are those of both parts', async () => {
    const coco = (name: string) =>
      JSON.stringify({
        images: [{ id: 1, file_name: name, width: 10, height: 10 }],
        categories: [{ id: 3, name: 'car' }],
        annotations: [{ image_id: 1, category_id: 3, bbox: [0, 0, 5, 5] }],
      });
    const source = await open(
      picture('coco/train2017/1.jpg'),
      picture('coco/val2017/2.jpg'),
      text('coco/annotations/instances_train2017.json', coco('1.jpg')),
      text('coco/annotations/instances_val2017.json', coco('2.jpg')),
    );
    expect(source).toMatchObject({ size: 2, evaluationStart: 1, classNames: ['car'], leftOut: [] });
    expect([0, 1].map((i) => source.boxes!.of(i).length)).toEqual([1, 1]);
    expect(source.labels).toBeUndefined();
  });

  it('descriptions of data sets are not missed', async () => {
    const source = await open(
      picture('d/test/cat/1.jpg'),
      picture('d/train/dog/1.jpg'),
      text('d/dataset_info.json', '{"splits": []}'),
      text('d/README.md', 'Pictures.'),
    );
    expect(source).toMatchObject({ evaluationStart: 1, labels: Int32Array.of(1, 0), leftOut: [] });
  });
});
