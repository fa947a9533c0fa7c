/** Files written here with h5wasm, in the ways Keras writes that no fixture shows. */
import type { Group } from 'h5wasm';
import h5wasm from 'h5wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { toErrorInfo } from '../../../base/errors';
import { tensorOf, type Graph } from '../../graph/graph';
import { readKerasH5 } from './read-h5';

const dense = (name: string, units: number, extra: object = {}) => ({
  class_name: 'Dense',
  config: { name, units, use_bias: false, activation: 'linear', ...extra },
});
const sequential = (...layers: object[]) =>
  JSON.stringify({ class_name: 'Sequential', config: { name: 'net', layers } });
const INPUT = { batch_input_shape: [null, 2] };

interface Weight {
  readonly name: string;
  readonly shape: number[];
  readonly data: Float32Array | Float64Array | Int32Array;
  readonly dtype?: string;
}

let write: (fill: (root: Group) => void) => Uint8Array;

beforeAll(async () => {
  const { FS } = await h5wasm.ready;
  write = (fill) => {
    const file = new h5wasm.File('written.h5', 'w');
    fill(file);
    file.close();
    const bytes = FS.readFile('written.h5');
    FS.unlink('written.h5');
    return bytes;
  };
});

function layer(root: Group, name: string, weights: readonly Weight[]): void {
  const group = (root.get('model_weights') as Group | null) ?? root.create_group('model_weights');
  const own = group.create_group(name);
  own.create_attribute(
    'weight_names',
    weights.map((w) => w.name),
  );
  for (const { name: path, shape, data, dtype } of weights) {
    const parts = path.split('/');
    let parent = own;
    for (const part of parts.slice(0, -1)) parent = (parent.get(part) as Group | null) ?? parent.create_group(part);
    parent.create_dataset({ name: parts.at(-1)!, data, shape, ...(dtype && { dtype }) });
  }
}

function weightOf(graph: Graph, op = 0): number[] {
  return [...tensorOf(graph, graph.ops[op].inputs[1]!).data!].map(Number);
}

const kernel = (name: string): Weight => ({ name, shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });

describe('files as other releases write them', () => {
  it('reads lists of names that Keras split over numbered attributes', async () => {
    const bytes = write((root) => {
      root.create_attribute(
        'model_config',
        sequential(dense('a', 3, INPUT), { class_name: 'PReLU', config: { name: 'p' } }),
      );
      layer(root, 'a', [{ name: 'a/kernel:0', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }]);
      layer(root, 'p', [{ name: 'p/alpha:0', shape: [3], data: Float32Array.of(7, 8, 9) }]);
      const group = root.get('model_weights/a') as Group;
      group.delete_attribute('weight_names');
      group.create_attribute('weight_names0', ['a/kernel:0']);
      group.create_attribute('weight_names1', [] as string[], [0], 'S8');
    });
    const graph = await readKerasH5(bytes, 'split.h5');
    expect(weightOf(graph, 0)).toEqual([1, 4, 2, 5, 3, 6]); // [I,O] → [O,I]
    expect(weightOf(graph, 1)).toEqual([7, 8, 9]);
  });

  it('takes weights by position where their names are not Keras’ own', async () => {
    const bytes = write((root) => {
      root.create_attribute('model_config', sequential(dense('a', 2, { ...INPUT, use_bias: true })));
      layer(root, 'a', [kernel('v/Variable:0'), { name: 'v/Variable_1:0', shape: [2], data: Float32Array.of(5, 6) }]);
    });
    const { ops, tensors } = await readKerasH5(bytes, 'renamed.h5');
    expect(ops[0].inputs.slice(1).map((id) => tensors.get(id!)!.shape)).toEqual([[2, 2], [2]]);
  });

  it('narrows float64 weights and widens integers', async () => {
    for (const data of [Float64Array.of(0.1, -2, 3, 4e-9), Int32Array.of(1, -2, 3, 4)]) {
      const bytes = write((root) => {
        root.create_attribute('model_config', sequential(dense('a', 2, INPUT)));
        layer(root, 'a', [{ ...kernel('a/kernel:0'), data }]);
      });
      const [a, b, c, d] = [...data].map(Math.fround);
      expect(weightOf(await readKerasH5(bytes, 'wide.h5'))).toEqual([a, c, b, d]);
    }
  });

  it('finds the weights of a nested model by the names of its layers', async () => {
    const inner = {
      class_name: 'Sequential',
      config: { name: 'inner', layers: [dense('a', 2, INPUT), dense('b', 2)] },
    };
    const bytes = write((root) => {
      root.create_attribute('model_config', sequential(inner, dense('head', 2)));
      layer(root, 'inner', [{ ...kernel('b/kernel:0'), data: Float32Array.of(9, 9, 9, 9) }, kernel('a/kernel:0')]);
      layer(root, 'head', [kernel('head/kernel:0')]);
    });
    const graph = await readKerasH5(bytes, 'nested.h5');
    expect(graph.ops.map((op) => op.sourceName)).toEqual(['inner/a', 'inner/b', 'head']);
    expect([weightOf(graph, 0), weightOf(graph, 1)]).toEqual([
      [1, 3, 2, 4],
      [9, 9, 9, 9],
    ]);
  });

  it('leaves no file behind and gives the same Graph again', async () => {
    const bytes = write((root) => {
      root.create_attribute('model_config', sequential(dense('a', 2, INPUT)));
      layer(root, 'a', [kernel('a/kernel:0')]);
    });
    const { FS } = await h5wasm.ready;
    const before = FS.readdir('/');
    const first = await readKerasH5(bytes, 'again.h5');
    expect(await readKerasH5(bytes, 'again.h5')).toEqual(first);
    expect(FS.readdir('/')).toEqual(before);
  });
});

describe('files that cannot be read', () => {
  const refused = async (config: string | undefined, weights: readonly Weight[]) => {
    const bytes = write((root) => {
      if (config !== undefined) root.create_attribute('model_config', config);
      layer(root, 'a', weights);
    });
    return readKerasH5(bytes, 'model.h5').catch(toErrorInfo);
  };

  it('another HDF5 file', async () => {
    expect(await refused(undefined, [])).toMatchObject({ code: 'unknown-format' });
  });

  it('Keras 1, whose layers mean other things', async () => {
    const bytes = write((root) => {
      root.create_attribute('keras_version', '1.2.2');
      root.create_attribute('model_config', sequential());
    });
    expect(await readKerasH5(bytes, 'old.h5').catch(toErrorInfo)).toMatchObject({ code: 'unsupported-feature' });
  });

  it('an architecture that is no JSON', async () => {
    const error = await refused('{"class_name": "Seq', [kernel('a/kernel:0')]);
    expect(error).toMatchObject({ code: 'corrupt-file', message: expect.stringContaining('not valid JSON') as string });
  });

  it('weights of another shape than the settings say', async () => {
    const error = await refused(sequential(dense('a', 7, INPUT)), [kernel('a/kernel:0')]);
    const message = expect.stringContaining('a/kernel:0 is [2, 2], expected [2, 7]') as string;
    expect(error).toMatchObject({ code: 'corrupt-file', where: 'a', message });
  });

  it('weights that are missing, with what is there', async () => {
    const error = await refused(sequential(dense('a', 2, { ...INPUT, use_bias: true })), [kernel('a/kernel:0')]);
    expect(error).toMatchObject({
      code: 'corrupt-file',
      details: ['needed: kernel, bias', 'found: a/kernel:0 [2, 2]'],
    });
  });

  it('an input of no fixed size', async () => {
    const error = await refused(sequential(dense('a', 2, { batch_input_shape: [null, null, 2] })), [
      kernel('a/kernel:0'),
    ]);
    expect(error).toMatchObject({
      code: 'unsupported-feature',
      message: expect.stringContaining('[N, a_input[1], 2]') as string,
    });
  });

  it('channels first, unknown and custom layers, activations: all at once', async () => {
    const conv = {
      class_name: 'Conv2D',
      config: { name: 'c', data_format: 'channels_first', activation: 'glu', ...INPUT },
    };
    const custom = { class_name: 'Custom>Swirl', config: { name: 's' } };
    const known = { class_name: 'Dense', module: 'mine', config: { name: 'd' } };
    const flip = { class_name: 'RandomFlip', config: { name: 'f' } };
    const lambda = { class_name: 'Lambda', config: { name: 'l', function: ['4wEAAAA', null, null] } };
    expect(await refused(sequential(flip, conv, custom, known, lambda), [])).toMatchObject({
      code: 'unsupported-op',
      message: 'The model "net" has 5 layers or settings that are not modelled.',
      details: [
        'c (Conv2D): activation "glu"',
        'c (Conv2D): data_format "channels_first"',
        's (Custom>Swirl): it is a custom layer, whose code is not in the file; replace it by layers of Keras that do the same',
        'd (Dense): it is a custom layer, whose code is not in the file; replace it by layers of Keras that do the same',
        'l (Lambda): it is Python code; replace it by layers that do the same',
      ],
    });
  });

  it('an architecture that runs in a circle', async () => {
    const model = {
      class_name: 'Functional',
      config: {
        name: 'loop',
        layers: [
          { class_name: 'InputLayer', name: 'in', config: { batch_input_shape: [null, 2] }, inbound_nodes: [] },
          {
            class_name: 'Add',
            name: 'x',
            config: {},
            inbound_nodes: [
              [
                ['in', 0, 0, {}],
                ['y', 0, 0, {}],
              ],
            ],
          },
          {
            class_name: 'Add',
            name: 'y',
            config: {},
            inbound_nodes: [
              [
                ['in', 0, 0, {}],
                ['x', 0, 0, {}],
              ],
            ],
          },
        ],
        input_layers: [['in', 0, 0]],
        output_layers: [['y', 0, 0]],
      },
    };
    const error = await refused(JSON.stringify(model), []);
    expect(error).toMatchObject({ code: 'corrupt-file', message: expect.stringContaining('its own output') as string });
  });
});
