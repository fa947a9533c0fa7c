import { lookup } from '../../../base/lookup';
import { levelledOps } from '../../algorithms/level-joins';
import { consumers, tensorOf, type TensorId } from '../../graph/graph';
import { definitionOf } from '../../graph/ops/table';
import { INT8_ACTIVATION } from '../../number-formats/format';
import { placeInFloat } from '../ablation';
import type { Check, Examined } from '../finding';
import { brief, figure, share } from '../words';
import { keptInFloat, opsAround, settingsFixes, shareOf } from './shared';

/** The widest input against the narrowest: three bits of the narrow one are lost. */
const RATIO = 8;
const LEAST_ERROR = { id: 'mse', params: {} };

/** Whether a tensor is an output of the model, as it is or in another shape. */
function isHandedOut({ graph }: Pick<Examined, 'graph'>, tensor: TensorId): boolean {
  if (graph.outputs.includes(tensor)) return true;
  const readers = consumers(graph).get(tensor) ?? [];
  return readers.some(
    (op) => definitionOf(op).quant.kind === 'same-scale' && op.kind !== 'concat' && op.outputs.some((id) => isHandedOut({ graph }, id)), // prettier-ignore
  );
}

/** Inputs joined to one tensor share its scale; beside a wide one, a narrow one is left with a few codes. */
export const concatRanges: Check = {
  id: 'concat-ranges',
  looksFor: 'Tensors of unequal range that are joined, and so have to share one scale.',
  find(examined) {
    const { graph, plan, calibration, settings } = examined;
    const isOn = settings.algorithms?.some(({ id }) => id === 'level-joins') ?? false;
    const level = new Set(isOn ? [] : levelledOps(graph));
    return graph.ops.flatMap((op) => {
      const joined = lookup(plan.activations, op.outputs[0]);
      const inputs = [...new Set(op.inputs)].filter((id): id is TensorId => id !== null && !tensorOf(graph, id).data);
      const { format = INT8_ACTIVATION } = joined ?? {};
      if (definitionOf(op).quant.kind !== 'same-scale' || inputs.length < 2 || !joined || format.kind !== 'int')
        return [];
      if (plan.keptFloat.some((kept) => kept.op === op.id)) return [];
      const widths = inputs.flatMap((id) => {
        const stats = lookup(calibration.activations, id);
        return stats ? [Math.max(stats.max, 0) - Math.min(stats.min, 0)] : [];
      });
      const alive = widths.filter((width) => width > 0);
      const [narrow, wide] = [Math.min(...alive), Math.max(...alive)];
      if (alive.length < 2 || widths.length < inputs.length || wide < RATIO * narrow) return [];
      const codes = narrow / joined.params.scale[0];
      const narrowest = widths.indexOf(narrow);
      const around = opsAround(examined, op.outputs[0]);
      const place = placeInFloat(examined, [op.id]);
      // What ends at the model's output cannot have scales of its own there, but floats.
      const isOutput = place.io === 'float32' && isHandedOut(examined, op.outputs[0]);
      return [
        {
          title: 'Inputs of unequal range share one scale',
          sentence:
            `${brief(inputs[narrowest])} spans ${figure(narrow)}, the widest input ${figure(wide)}. Joined, they have one scale, ` +
            `and the narrow one is left with ${figure(codes)} of 256 codes.`,
          layers: [op.id],
          evidence: [
            { label: 'Widest input', value: figure(wide) },
            { label: 'Narrowest input', value: figure(narrow) },
            { label: 'Codes left to it', value: figure(codes) },
            { label: 'Of the output’s noise', value: share(shareOf(examined, op.id)) },
          ],
          chart: { kind: 'bars' as const, label: 'Span of each input', values: widths, marked: [narrowest] },
          ablation: place,
          fixes: settingsFixes(examined, [
            ...(isOutput ? [{ label: 'Float output, and the join in float', patch: place }] : []),
            ...(level.has(op.id) ? [{ label: 'Level what is joined', patch: { algorithms: ['level-joins'] } }] : []),
            ...(joined.origin === 'estimated' && ['minmax', 'auto'].includes(settings.activations.estimator.id)
              ? [{ label: 'Clip the wide one', patch: { tensors: { [op.outputs[0]]: { estimator: LEAST_ERROR } } } }]
              : []),
            // In float the inputs keep scales of their own; what reads the joined tensor must not round it again.
            ...(isOutput ? [] : [{ label: 'Keep the concat and its consumers in float', patch: keptInFloat(around) }]),
          ]),
          estimate: shareOf(examined, op.id),
        },
      ];
    });
  },
};
