import { absorbingTensors } from '../../algorithms/absorb-bias';
import { representableRange } from '../../numerics/affine';
import type { Check, Examined } from '../finding';
import { figure, share } from '../words';
import { ownRanges, ownShare, settingsFixes, type OwnRange, type Proposal } from './shared';

/** Of the codes; a bit is lost at a half. */
const IDLE = 0.4;

interface Cause {
  readonly title: string;
  readonly why: string;
  readonly fixes: readonly Proposal[];
}

function causeOf({ graph, settings }: Examined, { tensor, planned }: OwnRange): Cause {
  if (planned.origin === 'manual')
    return {
      title: 'A range wider than its values',
      why: `The manual range reaches ${figure(planned.range.min)} … ${figure(planned.range.max)}.`,
      fixes: [{ label: 'Use the estimated range', patch: { tensors: { [tensor]: {} } } }],
    };
  const absorbs =
    absorbingTensors(graph).includes(tensor) && !settings.algorithms?.some(({ id }) => id === 'high-bias');
  return {
    title: 'Values far from zero',
    why: 'A grid has to hold 0 exactly, so it spans all that lies between.',
    fixes: absorbs ? [{ label: 'Absorb the high bias', patch: { algorithms: ['high-bias'] } }] : [],
  };
}

/** Asymmetry that no zero point makes up for: a grid that lies askew to its values has codes that none of them takes. */
export const idleCodes: Check = {
  id: 'idle-codes',
  looksFor: 'Values that lie far to one side of zero, or of their grid: many codes stand for what never occurs.',
  find: (examined) =>
    ownRanges(examined).flatMap((range) => {
      const { stats, planned, format, layer } = range;
      const params = { scale: planned.params.scale[0], zeroPoint: planned.params.zeroPoint[0] };
      const grid = representableRange(params, format);
      const used = Math.max(0, Math.min(stats.max, grid.max) - Math.max(stats.min, grid.min)) / (grid.max - grid.min);
      if (1 - used < IDLE || stats.max === stats.min) return [];
      const { title, why, fixes } = causeOf(examined, range);
      return [
        {
          title,
          sentence:
            `All values lie in ${figure(stats.min)} … ${figure(stats.max)}, the grid spans ${figure(grid.min)} … ` +
            `${figure(grid.max)}: ${share(1 - used)} of its codes are never used. ${why}`,
          layers: layer === undefined ? [] : [layer],
          evidence: [
            { label: 'Codes never used', value: share(1 - used) },
            { label: 'Bits lost', value: figure(-Math.log2(used)) },
            { label: 'One step', value: figure(params.scale) },
          ],
          chart: { kind: 'distribution' as const, tensor: range.tensor },
          fixes: settingsFixes(examined, fixes),
          // With all codes used, steps would be `used` times as wide, and noise that squared.
          blame: 1 - used * used,
          estimate: ownShare(examined, range, 'activation') * (1 - used * used),
        },
      ];
    }),
};
