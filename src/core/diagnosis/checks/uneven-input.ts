import { definitionOf } from '../../graph/ops/table';
import { consumers, tensorOf, type OpId, type TensorId } from '../../graph/graph';
import type { OpKind } from '../../graph/ops/attrs';
import { INT8_ACTIVATION } from '../../number-formats/format';
import { lookup } from '../../../base/lookup';
import type { Check, Examined } from '../finding';
import { brief, count, figure } from '../words';
import { keptInFloat, medianOf, settingsFixes } from './shared';

/** Codes that a column needs for its values to be told apart. */
const ENOUGH_CODES = 32;
/** The widest column against the median one. */
const RATIO = 6;

/** What brings columns to one size, value by value, before layers with weights mix them. */
const SCALING: ReadonlySet<OpKind> = new Set<OpKind>(['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'log', 'sqrt', 'square', 'relu', 'relu6']); // prettier-ignore

/** The ops that read an input before its columns are mixed; where there are none, those that mix them. */
export function readersInColumns({ graph }: Pick<Examined, 'graph'>, input: TensorId): OpId[] {
  const readers = consumers(graph);
  const scaling: OpId[] = [];
  const pending = [input];
  for (let id = pending.pop(); id !== undefined; id = pending.pop())
    for (const op of readers.get(id) ?? []) {
      const handsOn = definitionOf(op).quant.kind === 'same-scale';
      if (scaling.includes(op.id) || !(SCALING.has(op.kind) || handsOn)) continue;
      scaling.push(op.id);
      pending.push(...op.outputs);
    }
  return scaling.length > 0 ? scaling : (readers.get(input) ?? []).map(({ id }) => id);
}

/** Sensors of different units in one tensor share its scale: beside pascals, a few degrees are one code. */
export const unevenInput: Check = {
  id: 'uneven-input',
  looksFor: 'Columns of an input whose sizes differ so much that the small ones are rounded away.',
  find(examined) {
    const { graph, plan, channels } = examined;
    return graph.inputs.flatMap((input) => {
      const stats = channels.get(input);
      const planned = lookup(plan.activations, input);
      if (!stats || !planned || (planned.format ?? INT8_ACTIVATION).kind !== 'int') return [];
      const spans = stats.max.map((max, c) => max - stats.min[c]);
      const alive = spans.filter((span) => span > 0);
      const scale = planned.params.scale[0];
      // What lies far from zero takes as many codes as what spans far.
      const reaches = stats.max.map((max, c) => Math.max(max, -stats.min[c]));
      const widest = reaches.reduce((best, reach, c) => (reach > reaches[best] ? c : best), 0);
      const typical = medianOf(reaches);
      const starved = [...spans.keys()].filter((c) => spans[c] > 0 && spans[c] / scale < ENOUGH_CODES);
      const narrowest = starved.reduce((best, c) => (spans[c] < spans[best] ? c : best), starved[0] ?? 0);
      if (alive.length < 2 || starved.length === 0 || reaches[widest] < RATIO * typical) return [];
      const ops = readersInColumns(examined, input);
      const name = brief(input);
      return [
        {
          title: 'Columns of an input share one scale',
          sentence:
            `Column ${widest} of ${name} reaches ${figure(reaches[widest])}, half of the ${spans.length} columns no further than ` +
            `${figure(typical)}. They share one scale: ${count(starved.length, 'column is', 'columns are')} left with fewer ` +
            `than ${ENOUGH_CODES} codes, column ${narrowest} with ${figure(spans[narrowest] / scale)}. What scales them ` +
            'comes too late.',
          layers: ops.slice(0, 1),
          evidence: [
            { label: 'Widest column', value: figure(reaches[widest]) },
            { label: 'Median column', value: figure(typical) },
            { label: `Columns of fewer than ${ENOUGH_CODES} codes`, value: String(starved.length) },
            { label: 'Shape', value: tensorOf(graph, input).shape.slice(1).join('×') },
          ],
          chart: { kind: 'bars' as const, label: 'Reach of each column', values: [...reaches], marked: [widest] },
          fixes: settingsFixes(examined, [
            {
              label: 'Float input, and float until columns are of one size',
              patch: { io: 'float32' as const, ...keptInFloat(ops) },
            },
          ]),
          ablation: { io: 'float32' as const, ...keptInFloat(ops) },
          estimate: Math.min(1, starved.length / alive.length),
        },
      ];
    });
  },
};
