import { describe, expect, it } from 'vitest';
import type { LayerView } from '../../../jobs/contract/protocol';
import { nodeData, readNodeData } from './node-data';

const layers = [
  { id: 'conv', name: 'block/conv', output: { id: 'conv/out' } },
  { id: 'dense', name: 'dense', output: { id: 'y' } },
] as unknown as LayerView[];

describe('node data of Model Explorer', () => {
  it('comes back as it was written', () => {
    const values = new Map([
      ['conv', 12.5],
      ['dense', -3],
    ]);
    expect(readNodeData(nodeData('m', values), layers, 'f')).toEqual(values);
  });

  it('names nodes by layer or by tensor, with values bare or in a table; others are passed over', () => {
    const text = JSON.stringify({ main: { results: { 'block/conv': { value: '4' }, y: 2, elsewhere: { value: 1 } } } });
    expect(readNodeData(text, layers, 'f')).toEqual(
      new Map([
        ['conv', 4],
        ['dense', 2],
      ]),
    );
    expect(readNodeData(JSON.stringify({ results: { y: { value: 1 } } }), layers, 'f')).toEqual(
      new Map([['dense', 1]]),
    );
  });

  it.each([
    ['no JSON', 'x', 'corrupt-file'],
    ['another table', '{"a": 1}', 'corrupt-file'],
    ['of another model', '{"m": {"results": {"q": {"value": 1}}}}', 'invalid-data'],
  ])('%s is refused', (_, text, code) => {
    expect(() => readNodeData(text, layers, 'f')).toThrow(expect.objectContaining({ code }));
  });
});
