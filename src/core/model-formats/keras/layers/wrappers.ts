/** Layers that apply another layer: to every step of a sequence, or to a sequence from both ends. */
import type { TensorId } from '../../../graph/graph';
import { Settings } from '../settings';
import { resultOf, within, type Dialect, type LayerCall, type LayerTable, type LayerTranslator } from './layer';
import { layerProblems } from './problems';

interface Inner {
  readonly className: string;
  readonly settings: Settings;
}

/** The layer that a wrapper's settings hold under a key. */
function innerOf(settings: Settings, key: string): Inner | undefined {
  const saved = settings.raw(key) as { class_name?: unknown; config?: unknown } | null | undefined;
  if (typeof saved?.class_name !== 'string' || typeof saved.config !== 'object' || saved.config === null)
    return undefined;
  return {
    className: saved.class_name,
    settings: new Settings(saved.config as Record<string, unknown>, settings.layer),
  };
}

function required(settings: Settings, key: string): Inner {
  const inner = innerOf(settings, key);
  if (!inner) throw settings.bad(key, 'a layer');
  return inner;
}

/** Layers that treat the last axis alone, so that steps need not be taken apart. */
const BY_LAST_AXIS = new Set([
  'Dense',
  'Activation',
  'ReLU',
  'LeakyReLU',
  'ELU',
  'Softmax',
  'Dropout',
  'LayerNormalization',
]);

const RECURRENT = new Set(['SimpleRNN', 'LSTM', 'GRU']);

/** A cell that a layer steps through a sequence is the recurrent layer of that cell. */
function withCell(settings: Settings): Inner {
  const { className, settings: cell } = required(settings, 'cell');
  const own = ['return_sequences', 'return_state', 'go_backwards', 'stateful', 'time_major'];
  const steps = own.map((key): [string, unknown] => [key, settings.raw(key)]);
  return {
    className: className.replace(/Cell$/, ''),
    settings: new Settings({ ...cell.values, ...Object.fromEntries(steps) }, settings.layer),
  };
}

/** @param find the row of a layer's class, wrappers among them: the table that these become a part of */
export function wrapperLayers(find: (className: string) => LayerTranslator | undefined): LayerTable {
  const innerProblems = ({ className, settings }: Inner, dialect: Dialect) =>
    layerProblems(find(className), className, settings, dialect).map((problem) => `${className}: ${problem}`);
  const weightsOf = ({ className, settings }: Inner) => find(className)?.weights?.(settings) ?? [];
  const translatorOf = ({ className }: Inner) => find(className)!;

  return {
    TimeDistributed: {
      weights: (s) => weightsOf(required(s, 'layer')),
      problems: (s, dialect) => innerProblems(required(s, 'layer'), dialect),
      translate: (layer) => {
        const inner = required(layer.settings, 'layer');
        const apply = (x: TensorId) => resultOf(within(layer, [x], inner), translatorOf(inner));
        if (BY_LAST_AXIS.has(inner.className)) return apply(layer.input);
        const steps = layer.ops('unpack', [layer.input], { axis: 1 });
        return layer.op('pack', steps.map(apply), { axis: 1 });
      },
    },
    RNN: {
      weights: (s) => weightsOf(withCell(s)),
      problems: (s, dialect) => innerProblems(withCell(s), dialect),
      translate: (layer) => {
        const inner = withCell(layer.settings);
        return resultOf(within(layer, layer.inputs, inner), translatorOf(inner));
      },
    },
    Bidirectional: {
      weights: (s) => {
        const { forward, backward } = directions(s);
        return [
          ...weightsOf(forward).map((name) => `forward/${name}`),
          ...weightsOf(backward).map((name) => `backward/${name}`),
        ];
      },
      problems: (s, dialect) => {
        const { forward } = directions(s);
        if (!RECURRENT.has(forward.className)) return [`${forward.className} in both directions`];
        if (forward.settings.flag('return_state', false)) return ['return_state in both directions'];
        return innerProblems(forward, dialect);
      },
      translate: (layer) => {
        const { forward, backward } = directions(layer.settings);
        const run = (inner: Inner, scope: string) =>
          resultOf(within(layer, [layer.input], { ...inner, scope }), translatorOf(inner));
        const ahead = run(forward, 'forward');
        const back = run(backward, 'backward');
        const sequences = forward.settings.flag('return_sequences', false);
        return combine(layer, ahead, sequences ? reversed(layer, back) : back);
      },
    },
  };
}

/** The layer, and its own twin that runs from the end unless the file gives another. */
function directions(settings: Settings): { forward: Inner; backward: Inner } {
  const forward = required(settings, 'layer');
  const given = innerOf(settings, 'backward_layer');
  const goes = !forward.settings.flag('go_backwards', false);
  const mirrored = new Settings({ ...forward.settings.values, go_backwards: goes }, settings.layer);
  return { forward, backward: given ?? { className: forward.className, settings: mirrored } };
}

/** Time, axis 1, from end to start. */
function reversed(layer: LayerCall, x: TensorId): TensorId {
  const [, length, width] = layer.shape(x) as [number, number, number];
  return layer.op('stridedSlice', [x], {
    begin: [0, length - 1, 0],
    end: [-1, -1, width],
    strides: [1, -1, 1],
    shrinkAxes: [],
  });
}

function combine(layer: LayerCall, a: TensorId, b: TensorId): TensorId | readonly TensorId[] {
  const mode = layer.settings.raw('merge_mode');
  switch (mode) {
    case undefined:
    case 'concat':
      return layer.op('concat', [a, b], { axis: layer.shape(a).length - 1 });
    case 'sum':
      return layer.op('add', [a, b], {});
    case 'mul':
      return layer.op('mul', [a, b], {});
    case 'ave':
      return layer.op('mul', [layer.op('add', [a, b], {}), layer.constant([0.5])], {});
    case null:
      return [a, b];
    default:
      return layer.refuse(`directions merged by ${JSON.stringify(mode)}`);
  }
}
