import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../../base/errors';
import { parseJson, parseModelConfig } from './config';

function thrownBy(run: () => unknown): RangefinderError {
  try {
    run();
  } catch (error) {
    if (error instanceof RangefinderError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const input = { class_name: 'InputLayer', name: 'in', config: { name: 'in', batch_input_shape: [null, 4] } };
const dense = (name: string) => ({ class_name: 'Dense', name, config: { name, units: 2 } });

describe('parseModelConfig', () => {
  it('chains a Sequential model behind the input its first layer declares', () => {
    const { layers, inputs, outputs } = parseModelConfig({
      class_name: 'Sequential',
      config: [{ class_name: 'Dense', config: { name: 'a', units: 2, batch_input_shape: [null, 4] } }, dense('b')],
    });
    expect(layers.map((l) => l.name)).toEqual(['a_input', 'a', 'b']);
    expect(layers[0].settings.raw('batch_input_shape')).toEqual([null, 4]);
    expect(layers[2].calls).toEqual([[{ layer: 'a', call: 0, output: 0 }]]);
    expect(inputs).toEqual([{ layer: 'a_input', call: 0, output: 0 }]);
    expect(outputs).toEqual([{ layer: 'b', call: 0, output: 0 }]);
  });

  it('reads calls as Keras 2 and as Keras 3 write them, to the same model', () => {
    const tensor = (layer: string, call: number) => ({
      class_name: '__keras_tensor__',
      config: { shape: [null, 2], dtype: 'float32', keras_history: [layer, call, 0] },
    });
    const model = (calls: unknown[], merge: unknown[], refs: [unknown, unknown]) => ({
      module: 'keras',
      class_name: 'Functional',
      config: {
        name: 'm',
        layers: [
          { ...input, inbound_nodes: [] },
          { ...dense('shared'), inbound_nodes: calls },
          { class_name: 'Add', name: 'sum', config: { name: 'sum' }, inbound_nodes: merge },
        ],
        input_layers: refs[0],
        output_layers: refs[1],
      },
    });
    const two = parseModelConfig(
      model(
        [[['in', 0, 0, {}]], [['in', 0, 0, { training: false }]]],
        [
          [
            ['shared', 0, 0, {}],
            ['shared', 1, 0, {}],
          ],
        ],
        [[['in', 0, 0]], [['sum', 0, 0]]],
      ),
    );
    const three = parseModelConfig(
      model(
        [
          { args: [tensor('in', 0)], kwargs: {} },
          { args: [tensor('in', 0)], kwargs: { mask: null } },
        ],
        [{ args: [[tensor('shared', 0), tensor('shared', 1)]], kwargs: {} }],
        [
          ['in', 0, 0],
          ['sum', 0, 0],
        ],
      ),
    );
    expect(three.layers.map((l) => l.calls)).toEqual(two.layers.map((l) => l.calls));
    expect(two.layers[1].calls).toHaveLength(2);
    expect(two.layers[2].calls).toEqual([
      [
        { layer: 'shared', call: 0, output: 0 },
        { layer: 'shared', call: 1, output: 0 },
      ],
    ]);
    expect([three.inputs, three.outputs]).toEqual([two.inputs, two.outputs]);
  });

  it('tells custom classes by their package or module', () => {
    const layer = (extra: object) => ({ config: { name: 'l' }, class_name: 'Dense', ...extra });
    const layers = [
      layer({}),
      layer({ module: 'keras.layers' }),
      layer({ module: 'mine.layers' }),
      layer({ class_name: 'Mine>Dense' }),
    ];
    const { layers: read } = parseModelConfig({ class_name: 'Sequential', config: { name: 'm', layers } });
    expect(read.slice(1).map(({ custom }) => custom)).toEqual([false, false, true, true]);
  });

  it('refuses text that is nested too deeply to be walked', () => {
    const deep = `{"class_name": "Sequential", "config": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(thrownBy(() => parseJson(deep, 'a.json')).message).toContain('nested more than 500 deep');
    expect(parseJson('{"a": "[[[{", "b\\"": [1, {}]}', 'a.json')).toEqual({ a: '[[[{', 'b"': [1, {}] });
  });

  it('says that a subclassed model is code', () => {
    const error = thrownBy(() => parseModelConfig({ class_name: 'ELMModel', config: { units: 3 } }));
    expect(error.code).toBe('unsupported-feature');
    expect(error.message).toContain('ELMModel');
  });

  it.each([
    ['nothing', null],
    ['a list', []],
    ['a model without layers', { class_name: 'Sequential', config: { layers: [] } }],
    ['layers that are no objects', { class_name: 'Sequential', config: { layers: ['Dense'] } }],
    ['a functional model without outputs', { class_name: 'Functional', config: { layers: [input] } }],
  ])('refuses %s as corrupt', (_, json) => {
    expect(thrownBy(() => parseModelConfig(json)).code).toBe('corrupt-file');
  });
});
