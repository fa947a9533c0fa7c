import { INT8_ACTIVATION, INT8_WEIGHT, type AnyFormat } from '../number-formats/format';
import { formatOf } from '../number-formats/table';
import type { QuantSettings } from '../quantize/settings';

/** "pretrainedResnet_w4a8_qat.tflite": the model, the formats of most of its values, and how its weights came about. */
export function exportedName(model: string, settings: QuantSettings): string {
  const trained = settings.trained === undefined ? '' : '_qat';
  return `${safeName(model)}_${formats(settings)}${trained}.tflite`;
}

function formats({ weights, activations, layers, rules }: QuantSettings): string {
  const [w, a] = [formatOf(weights.format ?? 'int8'), formatOf(activations.format ?? 'int8')];
  const common = short(w?.weights ?? INT8_WEIGHT, a?.activations ?? INT8_ACTIVATION);
  const overrides = [...Object.values(layers), ...(rules ?? []).map(({ override }) => override)];
  const mixed = overrides.some((layer) => layer.weightFormat ?? layer.activationFormat);
  return mixed ? `${common}_mixed` : common;
}

function short(weights: AnyFormat, activations: AnyFormat): string {
  if (weights.kind !== 'int' || activations.kind !== 'int') return 'quantized';
  if (weights.bits === 8 && activations.bits === 8) return 'int8';
  return `w${weights.bits}a${activations.bits}`;
}

/** Names of models may hold anything; file systems do not. */
export function safeName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^[._]+/, '') || 'model';
}
