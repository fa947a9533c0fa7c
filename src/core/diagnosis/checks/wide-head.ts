import { lookup } from '../../../base/lookup';
import { consumers } from '../../graph/graph';
import { INT8_ACTIVATION } from '../../number-formats/format';
import type { Check } from '../finding';
import { figure, share } from '../words';
import { placeInFloat } from '../ablation';
import { opsAround, originOf, settingsFixes, type Proposal } from './shared';

/** Of the output's noise, what its own rounding and clipping must make up. */
const OWN = 0.3;
/** Between logits: a step by which odds change by a tenth. */
const COARSE_LOGIT = 0.1;

/** The last layer's range is set by the most extreme answers, its steps are what all others are told apart by. */
export const wideHead: Check = {
  id: 'wide-head',
  looksFor: 'A last layer whose values reach so far that its steps are coarse where answers are decided.',
  find(examined) {
    const { graph, plan, output, splits, calibration } = examined;
    const planned = lookup(plan.activations, output);
    const split = lookup(splits, output);
    const stats = lookup(calibration.activations, output);
    const head = originOf(examined, output);
    if (!planned || !split || !stats || !head || planned.origin === 'fixed' || split.total === 0) return [];
    const { format = INT8_ACTIVATION } = planned;
    if (format.kind !== 'int' || plan.keptFloat.some(({ op }) => op === head.op.id)) return [];
    const isLogits = (consumers(graph).get(output) ?? []).some(({ kind }) => kind === 'softmax');
    const scale = planned.params.scale[0];
    const own = (split.rounding + split.clipping) / split.total;
    if (own < OWN || (isLogits && scale < COARSE_LOGIT)) return [];
    const ranges: Proposal[] =
      isLogits && planned.origin === 'estimated'
        ? [
            {
              label: 'Range by cross-entropy',
              patch: { tensors: { [output]: { estimator: { id: 'cross-entropy', params: {} } } } },
            },
          ]
        : [];
    const place = placeInFloat(examined, [...new Set([...opsAround(examined, output), head.op.id, ...head.past])]);
    const label = place.io ? 'Float output, and the head in float' : 'Keep the head in float';
    return [
      {
        title: isLogits ? 'Logits too wide for their codes' : 'An output too wide for its codes',
        sentence:
          `The last layer’s values reach from ${figure(stats.min)} to ${figure(stats.max)}, so one step is ${figure(scale)}` +
          `${isLogits ? `, which changes odds by ${share(Math.expm1(scale))}` : ''}. Rounding them makes up ${share(own)} of the ` +
          'output’s error.',
        layers: [head.op.id],
        evidence: [
          { label: 'From', value: figure(stats.min) },
          { label: 'To', value: figure(stats.max) },
          { label: 'One step', value: figure(scale) },
          { label: 'Of the output’s noise', value: share(own) },
        ],
        chart: { kind: 'distribution' as const, tensor: output },
        fixes: settingsFixes(examined, [{ label, patch: place }, ...ranges]),
        estimate: own,
      },
    ];
  },
};
