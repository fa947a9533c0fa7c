import { lookup } from '../../../base/lookup';
import { weightedLayers } from '../../algorithms/layer';
import { INT8_ACTIVATION } from '../../number-formats/format';
import type { Check } from '../finding';
import { figure, share } from '../words';
import { equalizing, medianOf, settingsFixes, shareOf, type Proposal } from './shared';

/** The widest channel against the median one: two and a half of eight bits are lost to half of the channels. */
const RATIO = 6;

/** Activations have one scale, whatever weights have: what {@link outlierChannel} is for weights. */
export const unevenActivations: Check = {
  id: 'uneven-activations',
  looksFor: 'Activations of which one channel reaches far beyond the others; they always share one scale.',
  find(examined) {
    const { graph, plan, channels, settings } = examined;
    const found = weightedLayers(graph)
      .flatMap(({ op, output, weightId }) => {
        const stats = channels.get(output);
        const planned = lookup(plan.activations, output);
        // Where weights share a scale as well, they suffer more, and from the same channel.
        const perChannel = (lookup(plan.weights, weightId)?.ranges.length ?? 0) > 1;
        if (!stats || !planned || !perChannel || (planned.format ?? INT8_ACTIVATION).kind !== 'int') return [];
        const reach = stats.max.map((max, c) => Math.max(0, max, -stats.min[c]));
        const widest = reach.reduce((best, r, c) => (r > reach[best] ? c : best), 0);
        const typical = medianOf(reach.filter((r) => r > 0));
        if (!(typical > 0) || reach[widest] < RATIO * typical) return [];
        return [{ op, reach, widest, typical, codes: typical / planned.params.scale[0] }];
      })
      .sort((a, b) => shareOf(examined, b.op.id) - shareOf(examined, a.op.id) || a.codes - b.codes);
    if (found.length === 0) return [];
    const [{ reach, widest, typical, codes }] = found;
    const layers = found.map(({ op }) => op.id);
    const estimate = layers.reduce((sum, op) => sum + shareOf(examined, op), 0) / 2;
    const readByDense = graph.ops.some(
      (op) => op.kind === 'fullyConnected' && found.some((row) => op.inputs[0] === row.op.outputs[0]),
    );
    const smoothing: Proposal[] =
      readByDense && !settings.algorithms?.some(({ id }) => id === 'smoothquant')
        ? [{ label: 'Smooth dense layers', patch: { algorithms: ['smoothquant'] } }]
        : [];
    return [
      {
        title: 'One channel of the activations takes their scale',
        sentence:
          `Channel ${widest} reaches ${figure(reach[widest])}, half of the ${reach.length} channels no further than ` +
          `${figure(typical)}. Activations have one scale, so those channels use ${figure(codes)} codes of 256.`,
        layers,
        evidence: [
          { label: 'Widest channel', value: figure(reach[widest]) },
          { label: 'Median channel', value: figure(typical) },
          { label: 'Codes it uses', value: figure(codes) },
          ...(layers.length > 1 ? [{ label: 'Layers affected', value: String(layers.length) }] : []),
          { label: 'Of the output’s noise', value: share(2 * estimate) },
        ],
        chart: { kind: 'bars', label: 'Reach of each channel', values: [...reach], marked: [widest] },
        fixes: settingsFixes(examined, [...equalizing(examined, layers), ...smoothing]),
        estimate,
      },
    ];
  },
};
