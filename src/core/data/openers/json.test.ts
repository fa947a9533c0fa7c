import { describe, expect, it } from 'vitest';
import { openDataSet } from '../open';

const inputs = ['input_ids', 'attention_mask'].map((name) => ({ names: [name], shape: [4] }));
const segments = { names: ['token_type_ids'], shape: [4] };
const text = (content: string, path = 'text.json') => ({ path, bytes: new TextEncoder().encode(content) });
const open = (content: string, places = inputs) =>
  openDataSet([text(content)], {
    decodeImage: () => Promise.reject(new Error('no pictures here')),
    inputs: places,
  });

describe('tokenised text as JSON', () => {
  const columns = { attention_mask: [[1, 1], [1, 1, 1, 1]], input_ids: [[7, 8], [1, 2, 3, 4]], labels: [1, 0] }; // prettier-ignore
  const rows = [0, 1].map((i) => ({
    text: 'words',
    input_ids: columns.input_ids[i],
    attention_mask: columns.attention_mask[i],
    label: columns.labels[i],
  }));

  it.each([
    ['arrays by name', JSON.stringify(columns)],
    ['a list of samples', JSON.stringify(rows)],
    ['a sample a line', rows.map((row) => JSON.stringify(row)).join('\n')],
  ])('comes as %s, and is filled up to what the model takes', async (_, content) => {
    const source = await open(content);
    expect(source).toMatchObject({ size: 2, labels: Int32Array.of(1, 0) });
    expect([...(await source.read(0)).values]).toEqual([7, 8, 0, 0, 1, 1, 0, 0]);
  });

  it('is of segment 0 where the model asks for segments and the tokenizer gave none', async () => {
    const source = await open(JSON.stringify(columns), [inputs[0], segments, inputs[1]]);
    expect([...(await source.read(1)).values]).toEqual([1, 2, 3, 4, 0, 0, 0, 0, 1, 1, 1, 1]);
    expect(source.matching).toContain('segment 0');
  });

  it('is refused where it is longer than the model takes', async () => {
    const long = JSON.stringify({ input_ids: [[1, 2, 3, 4, 5], [1]], attention_mask: [[1], [1]] });
    await expect(open(long)).rejects.toThrow('longest sample is of 5, and the model takes 4');
  });
});
