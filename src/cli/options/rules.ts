/** The grammar of `--rule 'SELECTOR:CHANGES'`. */
import type { OpKind } from '../../core/graph/ops/attrs';
import { OPS } from '../../core/graph/ops/table';
import { FORMATS, formatOf } from '../../core/number-formats/table';
import { GRANULARITIES } from '../../core/quantize/rule-text';
import { RULE_PLACES } from '../../core/quantize/rules';
import type { EstimatorChoice, LayerOverride, LayerRule, RulePlace } from '../../core/quantize/settings';
import { ESTIMATORS, estimatorOf } from '../../core/calibration/estimators/table';
import type { Range } from '../../core/calibration/types';
import { UsageError } from './usage-error';

export const RULE_NOTES = `
--rule 'LAYERS:CHANGES' chooses for some layers; later rules win. LAYERS is a name in which * stands
  for anything (a name may also be an input’s), then, after @, an op kind and/or ${RULE_PLACES.join(', ')} (of the layers with weights): 'block_*@conv2d', '@ends'.
  CHANGES are separated by commas:
    keep-float | quantize            leave in float; or not, whatever an earlier rule said
    weights=F, activations=F         formats: int4, int8, int16, fp8-e4m3fn, …; a layer's activations are its output
    per=${GRANULARITIES.map(({ id }) => id).join('|')}         who shares a scale of the weights
    estimator=NAME, range=A..B       of the output
    weight-estimator=NAME, weight-range=A..B
  Example: --rule '*:weights=int4' --rule '@ends:weights=int8' --rule '*@softmax:keep-float'
`;

const fail = (rule: string, why: string): never => {
  throw new UsageError(`--rule '${rule}': ${why}`);
};

/** @throws UsageError quoting the rule and saying what is off */
export function parseRule(text: string): LayerRule {
  const colon = text.lastIndexOf(':');
  if (colon < 0) fail(text, "write LAYERS:CHANGES, for instance 'conv*:weights=int4'.");
  const selector = selectorOf(text, text.slice(0, colon).trim());
  const override = text
    .slice(colon + 1)
    .split(',')
    .map((change) => changeOf(text, change.trim()))
    .reduce<LayerOverride>((all, change) => ({ ...all, ...change }), {});
  return { ...selector, override };
}

function selectorOf(rule: string, text: string): Omit<LayerRule, 'override'> {
  const at = text.lastIndexOf('@');
  const name = at < 0 ? text : text.slice(0, at);
  const words = at < 0 ? [] : text.slice(at + 1).split('+');
  let kind: OpKind | undefined;
  let place: RulePlace | undefined;
  for (const word of words) {
    if ((RULE_PLACES as readonly string[]).includes(word)) place = word as RulePlace;
    else if (Object.hasOwn(OPS, word)) kind = word as OpKind;
    else fail(rule, `"${word}" is neither an op kind nor one of ${RULE_PLACES.join(', ')}.`);
  }
  if (name === '' && at < 0) fail(rule, 'say which layers; * is all of them.');
  return { ...(name !== '' && { name }), ...(kind && { kind }), ...(place && { place }) };
}

function changeOf(rule: string, text: string): LayerOverride {
  const [word, value] = text.split(/=(.*)/s) as [string, string | undefined];
  if (text === 'keep-float') return { keepFloat: true };
  if (text === 'quantize') return { keepFloat: false };
  const change = CHANGES[word];
  if (!change || value === undefined || !Object.hasOwn(CHANGES, word))
    return fail(rule, `"${text}" is no change; there are keep-float, quantize, ${Object.keys(CHANGES).join('=, ')}=.`);
  return change(value, (why) => fail(rule, why));
}

type Change = (value: string, refuse: (why: string) => never) => LayerOverride;

function format(id: string, refuse: (why: string) => never): string {
  return formatOf(id)
    ? id
    : refuse(`there is no format "${id}"; there are ${FORMATS.map((row) => row.id).join(', ')}.`);
}

function estimator(id: string, refuse: (why: string) => never): EstimatorChoice {
  if (estimatorOf(id)) return { id, params: {} };
  return refuse(`there is no estimator "${id}"; there are ${ESTIMATORS.map((row) => row.id).join(', ')}.`);
}

function range(text: string, refuse: (why: string) => never): Range {
  const ends = text.split('..').map((end) => (end.trim() === '' ? NaN : Number(end)));
  const [min, max] = ends;
  if (ends.length !== 2 || !Number.isFinite(min) || !Number.isFinite(max) || min > max)
    return refuse(`a range is two numbers, the smaller first, as in 0..6; not "${text}".`);
  return { min, max };
}

const CHANGES: Readonly<Record<string, Change>> = {
  weights: (value, refuse) => ({ weightFormat: format(value, refuse) }),
  activations: (value, refuse) => ({ activationFormat: format(value, refuse) }),
  per: (value, refuse) => {
    const row = GRANULARITIES.find(({ id }) => id === value);
    return row ? { granularity: row.id } : refuse(`weights are per ${GRANULARITIES.map(({ id }) => id).join(', ')}.`);
  },
  estimator: (value, refuse) => ({ activationEstimator: estimator(value, refuse) }),
  'weight-estimator': (value, refuse) => ({ weightEstimator: estimator(value, refuse) }),
  range: (value, refuse) => ({ activationRange: range(value, refuse) }),
  'weight-range': (value, refuse) => ({ weightRange: range(value, refuse) }),
};
