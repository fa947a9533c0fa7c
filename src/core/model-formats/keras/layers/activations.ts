import { lookup } from '../../../../base/lookup';
import type { TensorId } from '../../../graph/graph';
import { resultOf, within, type LayerCall, type LayerTable, type LayerTranslator } from './layer';
import { Settings } from '../settings';

type Apply = (layer: LayerCall, x: TensorId) => TensorId;

/** Activations by the name Keras saves. Those without an op of their own are composed of ops that have one. */
const FUNCTIONS: Readonly<Record<string, Apply>> = {
  linear: (_, x) => x,
  relu: (layer, x) => layer.op('relu', [x], {}),
  relu6: (layer, x) => layer.op('relu6', [x], {}),
  sigmoid: (layer, x) => layer.op('sigmoid', [x], {}),
  tanh: (layer, x) => layer.op('tanh', [x], {}),
  softmax: (layer, x) => layer.op('softmax', [x], { beta: 1 }),
  elu: (layer, x) => elu(layer, x, 1),
  // Klambauer et al., "Self-Normalizing Neural Networks", 2017.
  selu: (layer, x) => layer.op('mul', [elu(layer, x, 1.6732632423543772), layer.constant([1.0507009873554805])], {}),
  leaky_relu: (layer, x) => layer.op('leakyRelu', [x], { alpha: 0.2 }),
  silu: (layer, x) => layer.op('mul', [x, layer.op('sigmoid', [x], {})], {}),
  swish: (layer, x) => FUNCTIONS.silu(layer, x),
  hard_sigmoid: (layer, x) => {
    // Keras 3 takes PyTorch's relu6(x + 3) / 6, the releases before clip(0.2·x + 0.5, 0, 1), which is relu6(1.2·x + 3) / 6.
    const scaled = layer.dialect.major >= 3 ? x : layer.op('mul', [x, layer.constant([1.2])], {});
    const clipped = layer.op('relu6', [layer.op('add', [scaled, layer.constant([3])], {})], {});
    return layer.op('mul', [clipped, layer.constant([1 / 6])], {});
  },
  gelu: (layer, x) => layer.op('gelu', [x], { approximate: false }),
  exponential: (layer, x) => layer.op('exp', [x], {}),
  log_softmax: (layer, x) => layer.op('logSoftmax', [x], {}),
  softplus,
  softsign: (layer, x) =>
    layer.op('div', [x, layer.op('add', [layer.op('abs', [x], {}), layer.constant([1])], {})], {}),
  mish: (layer, x) => layer.op('mul', [x, layer.op('tanh', [softplus(layer, x)], {})], {}),
  log_sigmoid: (layer, x) => layer.op('neg', [softplus(layer, layer.op('neg', [x], {}))], {}),
  tanh_shrink: (layer, x) => layer.op('sub', [x, layer.op('tanh', [x], {})], {}),
  hard_tanh: (layer, x) => layer.op('reluN1To1', [x], {}),
  hard_silu: (layer, x) => layer.op('hardSwish', [x], {}),
  hard_swish: (layer, x) => layer.op('hardSwish', [x], {}),
};

export const ACTIVATION_NAMES: readonly string[] = Object.keys(FUNCTIONS);

/** log(1 + eˣ) as relu(x) + log(1 + e^−|x|), which does not overflow. */
function softplus(layer: LayerCall, x: TensorId): TensorId {
  const power = layer.op('exp', [layer.op('neg', [layer.op('abs', [x], {})], {})], {});
  const rest = layer.op('log', [layer.op('add', [power, layer.constant([1])], {})], {});
  return layer.op('add', [layer.op('relu', [x], {}), rest], {});
}

/** elu with slope alpha below zero: relu(x) + alpha · (elu(x) − relu(x)). */
function elu(layer: LayerCall, x: TensorId, alpha: number): TensorId {
  if (alpha === 1) return layer.op('elu', [x], {});
  const positive = layer.op('relu', [x], {});
  const negative = layer.op('sub', [layer.op('elu', [x], {}), positive], {});
  return layer.op('add', [positive, layer.op('mul', [negative, layer.constant([alpha])], {})], {});
}

function rectified(layer: LayerCall, slope: number, max: number | null): TensorId {
  const { input } = layer;
  if (slope !== 0) {
    const leaky = layer.op('leakyRelu', [input], { alpha: slope });
    return max === null ? leaky : layer.op('minimum', [leaky, layer.constant([max])], {});
  }
  if (max === null) return layer.op('relu', [input], {});
  if (max === 6) return layer.op('relu6', [input], {});
  // min(relu(x), m) = relu6(x · 6/m) · m/6
  const scaled = layer.op('relu6', [layer.op('mul', [input, layer.constant([6 / max])], {})], {});
  return layer.op('mul', [scaled, layer.constant([max / 6])], {});
}

/** min(x, max) from the threshold on, slope · (x − threshold) below it. */
function rectifiedAbove(layer: LayerCall, threshold: number, slope: number, max: number | null): TensorId {
  const { input } = layer;
  const bound = layer.constant([threshold]);
  const passes = layer.op('greaterEqual', [input, bound], {});
  const below =
    slope === 0
      ? layer.constant([0])
      : layer.op('mul', [layer.op('sub', [input, bound], {}), layer.constant([slope])], {});
  const above = max === null ? input : layer.op('minimum', [input, layer.constant([max])], {});
  return layer.op('select', [passes, above, below], {});
}

/** Activations that are layers with settings; also found inside other layers. */
export const ACTIVATION_LAYERS: LayerTable = {
  ReLU: {
    problems: (s) => (s.has('max_value') && s.number('max_value') <= 0 ? ['ReLU whose maximum is not positive'] : []),
    translate: (layer) => {
      const { settings } = layer;
      const slope = settings.number('negative_slope', 0);
      const threshold = settings.number('threshold', 0);
      const max = settings.has('max_value') ? settings.number('max_value') : null;
      return threshold === 0 ? rectified(layer, slope, max) : rectifiedAbove(layer, threshold, slope, max);
    },
  },
  LeakyReLU: {
    translate: (layer) => {
      const key = layer.settings.has('negative_slope') ? 'negative_slope' : 'alpha';
      return layer.op('leakyRelu', [layer.input], { alpha: layer.settings.number(key, 0.3) });
    },
  },
  ELU: { translate: (layer) => elu(layer, layer.input, layer.settings.number('alpha', 1)) },
  PReLU: {
    weights: () => ['alpha'],
    translate: (layer) => {
      const [, ...dims] = layer.shape(layer.input);
      const shared = layer.settings.has('shared_axes') ? layer.settings.ints('shared_axes') : [];
      const shape = dims.map((d, i) => (shared.includes(i + 1) ? 1 : d));
      return layer.op('prelu', [layer.input, layer.weight('alpha', shape)], {});
    },
  },
  Softmax: {
    translate: (layer) => {
      const rank = layer.shape(layer.input).length;
      const axis = layer.settings.has('axis') ? layer.settings.ints('axis') : [-1];
      if (axis.length !== 1 || (axis[0] !== -1 && axis[0] !== rank - 1))
        layer.refuse('Softmax over other than the last axis');
      return layer.op('softmax', [layer.input], { beta: 1 });
    },
  },
  Activation: {
    problems: (s) => activationProblems(s.raw('activation')),
    translate: (layer) => activate(layer, layer.input),
  },
};

/** Applies one of the functions that have a name. */
export function applyActivation(layer: LayerCall, x: TensorId, name: string): TensorId {
  return Object.hasOwn(FUNCTIONS, name) ? lookup(FUNCTIONS, name)!(layer, x) : layer.refuse(`activation "${name}"`);
}

interface Resolved {
  readonly name: string;
  readonly layer?: LayerTranslator;
  readonly settings?: Settings;
}

/** "relu", {class_name: "function", config: "relu"}, or a whole activation layer used as an argument. */
function resolve(spec: unknown, within: string): Resolved {
  if (spec === undefined || spec === null) return { name: 'linear' };
  if (typeof spec === 'string') return { name: spec };
  const { class_name: className, config } = spec as { class_name?: unknown; config?: unknown };
  if (className === 'function' && typeof config === 'string') return { name: config };
  const name = typeof className === 'string' ? className : JSON.stringify(spec).slice(0, 60);
  const layer = lookup(ACTIVATION_LAYERS, name);
  // A layer with weights of its own could not be told from its host's weights.
  if (!layer || layer.weights) return { name };
  return { name, layer, settings: new Settings((config ?? {}) as Record<string, unknown>, within) };
}

/** What keeps the value of an `activation` setting from being modelled. */
export function activationProblems(spec: unknown): readonly string[] {
  const { name, layer, settings } = resolve(spec, 'activation');
  if (layer) return layer.problems?.(settings!, { framework: 'keras', major: 2 }) ?? [];
  return Object.hasOwn(FUNCTIONS, name) ? [] : [`activation "${name}"`];
}

/**
 * Applies the function that a setting names to x as an op of its own; a pass fuses it where a kernel can.
 * `fallback` stands where the file leaves the setting out.
 */
export function activate(layer: LayerCall, x: TensorId, setting = 'activation', fallback = 'linear'): TensorId {
  const { name, layer: translator, settings } = resolve(layer.settings.raw(setting) ?? fallback, layer.name);
  if (translator) return resultOf(within(layer, [x], { settings: settings! }), translator);
  return applyActivation(layer, x, name);
}
