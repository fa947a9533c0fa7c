import { formatOf } from '../../core/number-formats/table';
import { estimatorOf } from '../../core/calibration/estimators/table';
import { algorithmOf } from '../../core/algorithms/table';
import { RangefinderError } from '../../base/errors';
import type { Lesson } from '../../core/lessons/schema';
import type { LayerView } from '../../jobs/contract/protocol';
import { DEFAULT_SETTINGS, type QuantSettings, type TensorOverride } from '../../core/quantize/settings';

/**
 * The settings that a lesson starts from, on top of the studio's own.
 *
 * @throws RangefinderError 'invalid-settings' where it names a format, an estimator or an algorithm that is not there
 */
export function startSettings({ start }: Lesson, layers: readonly LayerView[]): QuantSettings {
  const { weights = {}, activations = {}, algorithms, io, ranges = [] } = start.settings;
  const unknown = [
    ...[weights.format, activations.format].filter((id) => id !== undefined && !formatOf(id)),
    ...[weights.estimator, activations.estimator].flatMap((one) => (one && !estimatorOf(one.id) ? one.id : [])),
    ...(algorithms ?? []).flatMap(({ id }) => (algorithmOf(id) ? [] : id)),
    ...ranges.flatMap(({ layer }) => (layers.some(({ name }) => name === layer) ? [] : layer)),
  ];
  if (unknown.length > 0)
    throw new RangefinderError({
      code: 'invalid-settings',
      message: `The lesson starts from what the studio does not have: ${unknown.join(', ')}.`,
      where: 'start.settings',
      hint: 'Choose formats, estimators and algorithms by their ids in docs/command-line.md, layers by their names.',
    });
  const tensors = ranges.map(({ layer, min, max }): [string, TensorOverride] => [
    layers.find(({ name }) => name === layer)!.output.id,
    { range: { min, max } },
  ]);
  return {
    ...DEFAULT_SETTINGS,
    ...(io && { io }),
    weights: { ...DEFAULT_SETTINGS.weights, ...weights },
    activations: { ...DEFAULT_SETTINGS.activations, ...activations },
    tensors: Object.fromEntries(tensors),
    ...(algorithms && algorithms.length > 0 && { algorithms }),
  } as QuantSettings;
}
