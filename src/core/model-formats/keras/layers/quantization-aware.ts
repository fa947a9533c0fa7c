/**
 * Layers of TensorFlow's Model Optimization toolkit: models that were trained with quantization. Ranges that training found
 * become roundings around the layer they belong to, which the file's reader of ranges takes from there.
 */
import type { QuantParams, TensorId } from '../../../graph/graph';
import type { Laid } from '../layout';
import { Settings } from '../settings';
import type { LayerCall, LayerTable, LayerTranslator } from './layer';
import { resultOf, within } from './layer';
import { layerProblems } from './problems';

/** What a wrapper says: the layer in it, which of its weights are rounded, and what of its results. */
interface Wrapped {
  readonly className: string;
  readonly settings: Settings;
  readonly weights: readonly string[];
  readonly activation: boolean;
  readonly output: boolean;
}

type Saved = { readonly class_name?: unknown; readonly config?: unknown } | null | undefined;

const configOf = (saved: Saved) => (saved?.config ?? {}) as Record<string, unknown>;

/** An activation wrapped for training as the plain one; what is rounded elsewhere is none. */
function plainActivation(spec: unknown): unknown {
  const saved = spec as Saved;
  if (saved?.class_name === 'NoOpActivation') return 'linear';
  return saved?.class_name === 'QuantizeAwareActivation' ? plainActivation(configOf(saved).activation) : spec;
}

function isRounded(spec: unknown): boolean {
  const inner = (spec as Saved)?.class_name === 'QuantizeAwareActivation' ? configOf(spec as Saved).activation : null;
  return inner !== null && (inner as Saved)?.class_name !== 'NoOpActivation';
}

function wrapped(settings: Settings): Wrapped {
  const layer = settings.raw('layer') as Saved;
  const choices = settings.raw('quantize_config') as Saved;
  if (typeof layer?.class_name !== 'string') throw settings.bad('layer', 'a layer');
  const config = configOf(layer);
  const { weight_attrs: listed, quantize_output: output } = configOf(choices);
  const usual = /Conv/.test(layer.class_name) ? KERNELS[layer.class_name] : undefined;
  const names = Array.isArray(listed) ? (listed as unknown[]).filter((name) => typeof name === 'string') : [];
  return {
    className: layer.class_name,
    settings: new Settings({ ...config, activation: plainActivation(config.activation) }, settings.layer),
    weights: names.length > 0 ? names : usual && choices?.class_name !== 'NoOpQuantizeConfig' ? [usual] : [],
    activation: isRounded(config.activation),
    output: output === true || choices?.class_name === 'Default8BitOutputQuantizeConfig',
  };
}

const KERNELS: Readonly<Record<string, string>> = { Conv2D: 'kernel', DepthwiseConv2D: 'depthwise_kernel' };

/** Int8 parameters of a range that holds zero, as the toolkit nudges it. */
function activationParams(low: number, high: number): QuantParams {
  const [min, max] = [Math.min(low, 0), Math.max(high, 0)];
  const scale = Math.fround((max - min) / 255) || 1;
  const zeroPoint = Math.min(127, Math.max(-128, Math.round(-128 - min / scale)));
  return { scale: Float32Array.of(scale), zeroPoint: Int32Array.of(zeroPoint), quantizedDimension: 0 };
}

/** Symmetric codes without the lowest, for each channel that has a range of its own. */
function weightParams(low: Float32Array, high: Float32Array, axis: number): QuantParams {
  const scale = high.map((max, i) => Math.max(Math.abs(low[i]), Math.abs(max)) / 127 || 1);
  return { scale, zeroPoint: new Int32Array(scale.length), quantizedDimension: scale.length > 1 ? axis : 0 };
}

function roundedTo(layer: LayerCall, x: TensorId, range: string): TensorId {
  const [low, high] = [layer.values(`${range}_min`), layer.values(`${range}_max`)];
  return layer.rounded(x, activationParams(low[0] ?? 0, high[0] ?? 0));
}

/** The layer's call with those of its weights rounded that training rounded. */
function withRoundedWeights(layer: LayerCall, inner: LayerCall, names: readonly string[]): LayerCall {
  return Object.create(inner, {
    weight: {
      value: (name: string, shape: readonly (number | null)[], lay?: (weight: Laid) => Laid, part?: string) => {
        const id = inner.weight(name, shape, lay, part);
        if (!names.includes(name)) return id;
        const axis = name === 'depthwise_kernel' ? layer.shape(id).length - 1 : 0;
        return layer.rounded(id, weightParams(layer.values(`${name}_min`), layer.values(`${name}_max`), axis));
      },
    },
  }) as LayerCall;
}

/** @param translatorFor the row of a class, or none: wrappers hold any layer */
export function quantizationAwareLayers(translatorFor: (className: string) => LayerTranslator | undefined): LayerTable {
  const wrapper: LayerTranslator = {
    weights: (s) => {
      const { className, settings, weights, activation, output } = wrapped(s);
      const ranges = [...weights, ...(activation ? ['post_activation'] : []), ...(output ? ['output'] : [])];
      return [
        ...(translatorFor(className)?.weights?.(settings) ?? []),
        ...ranges.flatMap((name) => [`${name}_min`, `${name}_max`]),
      ];
    },
    problems: (s, dialect) => {
      const { className, settings } = wrapped(s);
      return layerProblems(translatorFor(className), className, settings, dialect).map(
        (problem) => `${className}: ${problem}`,
      );
    },
    translate: (layer) => {
      const { className, settings, weights, activation, output } = wrapped(layer.settings);
      const inner = within(layer, layer.inputs, { className, settings });
      const result = resultOf(withRoundedWeights(layer, inner, weights), translatorFor(className)!);
      const activated = activation ? roundedTo(layer, result, 'post_activation') : result;
      return output ? roundedTo(layer, activated, 'output') : activated;
    },
  };
  return {
    QuantizeLayer: {
      weights: () => ['quantize_layer_min', 'quantize_layer_max'],
      translate: (layer) => roundedTo(layer, layer.input, 'quantize_layer'),
    },
    QuantizeWrapper: wrapper,
    QuantizeWrapperV2: wrapper,
  };
}
