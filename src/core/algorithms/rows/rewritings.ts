import { lookup } from '../../../base/lookup';
import type { TensorStats } from '../../calibration/types';
import { absorbBias, absorbingTensors } from '../absorb-bias';
import type { Rewriting } from '../algorithm';
import { equalize } from '../equalize';
import { levelJoins } from '../level-joins';
import { smooth, smoothableTensors } from '../smooth';

const SIX = 6;

/** Share of a tensor's values that lie at the cut of its ReLU6. */
function shareAtSix({ count, max, histogram: { lo, width, counts } }: TensorStats): number {
  if (max < SIX || count === 0) return 0;
  const bin = Math.min(counts.length - 1, Math.floor((SIX - lo) / width));
  return counts[bin] / count;
}

const shown = (scale: Float64Array, shift = false) =>
  scale.reduce((most, s) => Math.max(most, shift ? s : Math.max(s, 1 / s)), 0);

export const crossLayerEqualization: Rewriting = {
  step: 'rewriting',
  id: 'cle',
  label: 'Cross-layer equalization',
  explain: 'Scales channels between neighbouring layers so that their weights have equal ranges; the output stays.',
  needsData: false,
  params: [
    { id: 'saturated', label: 'ReLU6 may be cut at most (share)', min: 0, max: 0.1, step: 0.0005, default: 0.0005 },
    { id: 'exact', label: 'Powers of two only', min: 0, max: 1, step: 1, default: 0 },
  ],
  figure: 'largest channel range over smallest',
  largerIsBetter: false,
  wants: () => [],
  rewrite: (graph, { activations }, { saturated, exact }) => {
    const {
      graph: equal,
      pairs,
      relaxed,
      left,
    } = equalize(graph, {
      powersOfTwo: exact > 0,
      relaxable: (id) => {
        const stats = lookup(activations, id);
        return stats !== undefined && shareAtSix(stats) <= saturated;
      },
    });
    const names = (ids: readonly string[]) => ids.join(', ');
    return {
      graph: equal,
      layers: pairs.map(({ from, before, after }) => ({ op: from, before: before[0], after: after[0] })),
      notes: [
        ...(pairs.length === 0 ? ['No two layers follow each other with nothing but ReLU between them.'] : []),
        ...(relaxed.length > 0 ? [`ReLU6 became ReLU where 6 is hardly ever reached: ${names(relaxed)}.`] : []),
        ...(left.length > 0 ? [`Left as they are, because their ReLU6 cuts: ${names(left)}.`] : []),
      ],
    };
  },
};

export const levelledJoins: Rewriting = {
  step: 'rewriting',
  id: 'level-joins',
  label: 'Concat range equalization',
  explain: 'Scales tensors that are concatenated until one scale suits them all; what reads them takes it back.',
  needsData: true,
  params: [],
  figure: 'largest range over smallest of what is joined',
  largerIsBetter: false,
  wants: () => [],
  rewrite: (graph, { activations }) => {
    const { graph: level, joins } = levelJoins(graph, activations);
    return {
      graph: level,
      layers: joins.map(({ op, before, after }) => ({ op, before, after })),
      notes:
        joins.length === 0 ? ['Nothing is concatenated whose inputs and readers all are layers with weights.'] : [],
    };
  },
};

export const highBiasAbsorption: Rewriting = {
  step: 'rewriting',
  id: 'high-bias',
  label: 'High-bias absorption',
  explain: 'What a channel always has at least moves into the next layer’s bias, so that its range shrinks.',
  needsData: true,
  params: [
    { id: 'deviations', label: 'Standard deviations kept below the mean', min: 0, max: 6, step: 0.5, default: 3 },
  ],
  figure: 'largest shift of a channel',
  largerIsBetter: true,
  wants: absorbingTensors,
  rewrite: (graph, { channels }, { deviations }) => {
    const { graph: absorbed, pairs } = absorbBias(graph, channels, { deviations });
    return {
      graph: absorbed,
      layers: pairs.map(({ from, shift }) => ({ op: from, before: 0, after: shown(shift, true) })),
      notes: pairs.length === 0 ? ['No channel stays above zero by enough to move.'] : [],
    };
  },
};

export const smoothQuant: Rewriting = {
  step: 'rewriting',
  id: 'smoothquant',
  label: 'SmoothQuant',
  explain: 'Channels that reach far into a dense layer hand part of their range over to its weights.',
  needsData: true,
  params: [{ id: 'alpha', label: 'Share taken by the weights', min: 0, max: 1, step: 0.05, default: 0.5 }],
  figure: 'largest factor of a channel',
  largerIsBetter: false,
  wants: smoothableTensors,
  rewrite: (graph, { channels }, { alpha }) => {
    const { graph: smoothed, pairs } = smooth(graph, channels, { alpha });
    return {
      graph: smoothed,
      layers: pairs.map(({ to, scale }) => ({ op: to, before: 1, after: shown(scale) })),
      notes: pairs.length === 0 ? ['No dense layer follows a layer that could take its factors.'] : [],
    };
  },
};
