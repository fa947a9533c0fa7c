import { codeRange } from '../../number-formats/format';
import { ofHistogram } from '../../calibration/distribution';
import { estimateRange } from '../../quantize/estimate';
import type { Range } from '../../calibration/types';
import type { Check } from '../finding';
import { brief, figure } from '../words';
import { keptInFloat, ownRanges, settingsFixes } from './shared';
import { readersInColumns } from './uneven-input';

/** Codes for 99.9 % of the values below which signals are lost: five bits. */
const FEW_CODES = 32;
const BULK = { id: 'percentile', params: { p: 99.9 } };

/** Clips worth trying, as multiples of where 99.9 % of the values end: what lies just beyond may still mean something. */
const REACHES = [2, 1, 4];

function widened({ min, max }: Range, factor: number, whole: Range): Range {
  const round = (value: number) => Number(value.toPrecision(2));
  return { min: round(Math.max(whole.min, factor * min)), max: round(Math.min(whole.max, factor * max)) };
}

/** A spike in a thousand values sets the scale of an input; squared errors find it worth its price, the model may not. */
export const inputSpikes: Check = {
  id: 'input-spikes',
  looksFor: 'Rare spikes in an input, for the sake of which nearly all of its values share a few codes.',
  find: (examined) =>
    ownRanges(examined).flatMap(({ tensor, planned, format, stats, producer }) => {
      if (producer || planned.origin !== 'estimated') return [];
      const bulk = estimateRange(ofHistogram(stats), format, BULK);
      const codes = (bulk.max - bulk.min) / planned.params.scale[0];
      const { qmin, qmax } = codeRange(format);
      if (!(codes > 0) || codes >= FEW_CODES || qmax - qmin < 2 * FEW_CODES) return [];
      const ops = readersInColumns(examined, tensor);
      const ranges = REACHES.map((factor) => widened(bulk, factor, stats)).filter(({ min, max }) => max > min);
      return [
        {
          title: 'Spikes in an input take its codes',
          sentence:
            `99.9 % of the values of ${brief(tensor)} lie within ${figure(bulk.min)} … ${figure(bulk.max)}, spikes reach ` +
            `${figure(stats.min)} … ${figure(stats.max)}. ${figure(codes)} of ${qmax - qmin + 1} codes are left to nearly everything.`,
          layers: ops.slice(0, 1),
          evidence: [
            { label: 'Codes for 99.9 %', value: figure(codes) },
            { label: 'Largest spike', value: figure(Math.max(-stats.min, stats.max)) },
            { label: 'One step', value: figure(planned.params.scale[0]) },
          ],
          chart: { kind: 'distribution' as const, tensor },
          fixes: settingsFixes(
            examined,
            ranges.map((range) => ({
              label: `Clip the input to ${figure(range.min)} … ${figure(range.max)}`,
              patch: { tensors: { [tensor]: { range } } },
            })),
          ),
          ablation: { io: 'float32' as const, ...keptInFloat(ops) },
          estimate: 1 - codes / FEW_CODES,
        },
      ];
    }),
};
