/** The model that the fake worker opens: a small CNN with a layer of every rule. */
import type { LayerView, ModelView, TensorView } from '../../jobs/contract/protocol';

const BLOCKS = [
  ['conv2d', 'Conv 2D', 16, 28],
  ['depthwiseConv2d', 'Depthwise conv 2D', 16, 14],
  ['conv2d', 'Conv 2D', 32, 14],
  ['depthwiseConv2d', 'Depthwise conv 2D', 32, 7],
  ['conv2d', 'Conv 2D', 64, 7],
] as const;

function layers(): LayerView[] {
  const rows: LayerView[] = [];
  let previous = 'input';
  const add = (row: Omit<LayerView, 'inputs' | 'id' | 'output'>, shape: number[]) => {
    const output: TensorView = { id: `${row.name}/out`, shape: [-1, ...shape], dtype: 'float32' };
    rows.push({ ...row, id: row.name, inputs: [previous], output });
    previous = output.id;
  };
  BLOCKS.forEach(([kind, label, channels, side], i) => {
    const depthwise = kind === 'depthwiseConv2d';
    const inner = depthwise ? 1 : i === 0 ? 1 : BLOCKS[i - 1][2];
    const name = `features/${depthwise ? 'dw' : 'conv'}_${i}`;
    const weights = 9 * inner * channels;
    add(
      {
        name,
        kind,
        label,
        fusedActivation: 'relu6',
        weight: {
          id: `${name}/w`,
          shape: depthwise ? [1, 3, 3, channels] : [channels, 3, 3, inner],
          dtype: 'float32',
          quantizedDimension: depthwise ? 3 : 0,
        },
        parameters: weights + channels,
        macs: weights * side * side,
        rule: 'weighted',
      },
      [side, side, channels],
    );
  });
  const plain = { fusedActivation: 'none', parameters: 0 } as const;
  add({ ...plain, name: 'pool', kind: 'mean', label: 'Mean', macs: 3136, rule: 'free' }, [64]);
  add(
    {
      ...plain,
      name: 'elu',
      kind: 'elu',
      label: 'ELU',
      macs: 0,
      rule: 'float-only',
      floatOnlyReason: 'no int8 kernel for elu',
    },
    [64],
  );
  add(
    {
      name: 'logits',
      kind: 'fullyConnected',
      label: 'Fully connected',
      fusedActivation: 'none',
      weight: { id: 'logits/w', shape: [10, 64], dtype: 'float32', quantizedDimension: 0 },
      parameters: 650,
      macs: 640,
      rule: 'weighted',
    },
    [10],
  );
  add({ ...plain, name: 'softmax', kind: 'softmax', label: 'Softmax', macs: 0, rule: 'fixed-output' }, [10]);
  return rows;
}

export const LAYERS = layers();

export const MODEL: ModelView = {
  name: 'digits-cnn',
  fingerprint: 'f00d-150112',
  format: 'TensorFlow Lite',
  producer: 'fake worker',
  fileBytes: 152_344,
  floatBytes: 150_112,
  parameters: LAYERS.reduce((n, l) => n + l.parameters, 0),
  macs: LAYERS.reduce((n, l) => n + l.macs, 0),
  inputs: [{ id: 'input', shape: [-1, 28, 28, 1], dtype: 'float32' }],
  outputs: [LAYERS.at(-1)!.output],
  layers: LAYERS,
  alreadyQuantized: false,
  uncomputed: [],
  computable: true,
  unknownOutputs: [],
  notes: ['5 batch normalizations folded into the convolutions before them'],
};
