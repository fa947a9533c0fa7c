import { lookup } from '../../../base/lookup';
import { bitsOf, INT8_WEIGHT } from '../../number-formats/format';
import { PARTS } from '../../metrics/error-split';
import { definitionOf } from '../../graph/ops/table';
import type { Check } from '../finding';
import { decibels, share } from '../words';
import { keptInFloat, opsAround, settingsFixes, type Proposal } from './shared';

/** Of the noise at the output. */
const DOMINANT = 0.4;
/** Beyond this nobody hears it. */
const GOOD_DB = 45;
const FEWEST_LAYERS = 3;

/** One layer that brings as much noise to the output as all others together: the place for a few more bits. */
export const dominantLayer: Check = {
  id: 'dominant-layer',
  looksFor: 'One layer that accounts for most of the output’s error.',
  find(examined) {
    const { graph, plan, shares, sqnrDb, splits } = examined;
    if (shares.size < FEWEST_LAYERS || sqnrDb > GOOD_DB) return [];
    const ranked = [...shares].sort((a, b) => b[1] - a[1]);
    const [id, part] = ranked[0];
    const op = graph.ops.find((candidate) => candidate.id === id);
    if (!op || part < DOMINANT) return [];
    const output = op.outputs[0];
    const split = lookup(splits, output);
    const weights = Object.values(plan.weights).find((candidate) => candidate.op === id);
    const own = split ? split.rounding + split.clipping : 0;
    const byWeights = split !== undefined && split.weights > own;
    const bits = weights ? bitsOf(weights.format ?? INT8_WEIGHT) : 8;
    const wider: Proposal[] =
      byWeights && bits < 8
        ? [{ label: 'INT8 weights here', patch: { layers: { [id]: { weightFormat: 'int8' } } } }]
        : [];
    const isWeighted = definitionOf(op).quant.kind === 'weighted';
    const inFloat: Proposal =
      byWeights && isWeighted
        ? { label: 'Keep it in float', patch: keptInFloat([id]) }
        : { label: 'Keep it and its readers in float', patch: keptInFloat(opsAround(examined, output)) };
    return [
      {
        title: 'One layer makes most of the error',
        sentence:
          `Quantized alone, it brings ${share(part)} of the noise that all layers bring to the output. ` +
          (split
            ? byWeights
              ? 'Its weights are to blame more than its output’s range.'
              : 'The rounding of its output is to blame more than its weights.'
            : ''),
        layers: [id],
        evidence: [
          { label: 'Of the output’s noise', value: share(part) },
          { label: 'The next layer', value: share(ranked[1][1]) },
          { label: 'Output, all quantized', value: decibels(sqnrDb) },
          ...(split
            ? [{ label: 'Mostly', value: PARTS.filter((name) => name !== 'propagated').reduce((a, b) => (split[b] > split[a] ? b : a)) }] // prettier-ignore
            : []),
        ],
        chart: {
          kind: 'bars',
          label: 'Each layer’s share of the noise',
          values: ranked.map(([, value]) => value),
          marked: [0],
        },
        fixes: settingsFixes(examined, [...wider, inFloat]),
        estimate: part,
      },
    ];
  },
};
