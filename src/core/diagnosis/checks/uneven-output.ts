import { lookup } from '../../../base/lookup';
import { tensorOf, type TensorId } from '../../graph/graph';
import { INT8_ACTIVATION } from '../../number-formats/format';
import { placeInFloat } from '../ablation';
import type { Check, Examined } from '../finding';
import { brief, count, figure } from '../words';
import { medianOf, originOf, settingsFixes } from './shared';

/** Codes that a column needs for its values to be told apart. */
const ENOUGH_CODES = 32;
/** The widest column against the median one. */
const RATIO = 6;
/** An output of more columns is no record of quantities but an embedding or scores, which are alike. */
const MOST_COLUMNS = 256;

/** What comes out as one tensor has one scale: beside a distance in millimetres, an angle is one code. */
export const unevenOutput: Check = {
  id: 'uneven-output',
  looksFor: 'Columns of an output whose sizes differ so much that the small ones are rounded away.',
  find: (examined) => examined.graph.outputs.flatMap((output) => unevenColumns(examined, output)),
};

function unevenColumns(examined: Examined, output: TensorId) {
  const { graph, plan, channels } = examined;
  const stats = channels.get(output);
  const planned = lookup(plan.activations, output);
  const head = originOf(examined, output);
  if (!stats || !planned || !head || stats.max.length > MOST_COLUMNS) return [];
  if ((planned.format ?? INT8_ACTIVATION).kind !== 'int' || head.op.kind === 'concat') return [];
  if (planned.origin === 'fixed' || plan.keptFloat.some(({ op }) => op === head.op.id)) return [];
  const scale = planned.params.scale[0];
  const spans = stats.max.map((max, c) => max - stats.min[c]);
  const reaches = stats.max.map((max, c) => Math.max(max, -stats.min[c]));
  const widest = reaches.reduce((best, reach, c) => (reach > reaches[best] ? c : best), 0);
  const starved = [...spans.keys()].filter((c) => spans[c] > 0 && spans[c] / scale < ENOUGH_CODES);
  const typical = medianOf(reaches);
  if (spans.length < 2 || starved.length === 0 || reaches[widest] < RATIO * typical) return [];
  const narrowest = starved.reduce((best, c) => (spans[c] < spans[best] ? c : best));
  const place = placeInFloat(examined, [head.op.id, ...head.past]);
  return [
    {
      title: 'Columns of an output share one scale',
      sentence:
        `Column ${widest} of ${brief(output)} reaches ${figure(reaches[widest])}, half of the ${spans.length} columns no further ` +
        `than ${figure(typical)}. They share one scale: ${count(starved.length, 'column is', 'columns are')} left with fewer than ` +
        `${ENOUGH_CODES} codes, column ${narrowest} with ${figure(spans[narrowest] / scale)}.`,
      layers: [head.op.id],
      evidence: [
        { label: 'Widest column', value: figure(reaches[widest]) },
        { label: 'Median column', value: figure(typical) },
        { label: `Columns of fewer than ${ENOUGH_CODES} codes`, value: String(starved.length) },
        { label: 'Shape', value: tensorOf(graph, output).shape.slice(1).join('×') },
      ],
      chart: { kind: 'bars' as const, label: 'Reach of each column', values: [...reaches], marked: [widest] },
      fixes: settingsFixes(examined, [{ label: 'Float output, and its layer in float', patch: place }]),
      ablation: place,
      estimate: starved.length / spans.length,
    },
  ];
}
