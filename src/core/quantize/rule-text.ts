/** Rules in words, for the page and for the log of the command line. */
import type { OpKind } from '../graph/ops/attrs';
import { formatOf } from '../number-formats/table';
import { estimatorOf } from '../calibration/estimators/table';
import type { Range } from '../calibration/types';
import type { Granularity, LayerOverride, LayerRule, RulePlace } from './settings';

const PLACES: Readonly<Record<RulePlace, string>> = {
  first: 'the first layer with weights',
  last: 'the last layer with weights',
  ends: 'the first and the last layer with weights',
};

export const GRANULARITIES: readonly { readonly id: Granularity; readonly label: string }[] = [
  { id: 'channel', label: 'Channel' },
  { id: 'tensor', label: 'Tensor' },
  { id: 'block', label: 'Block of 32' },
];

export function granularityText(granularity: Granularity): string {
  return GRANULARITIES.find(({ id }) => id === granularity)!.label.toLowerCase();
}

/** What a kind of op is called; the page knows it from the model, who has the graph from its table of ops. */
export type KindLabel = (kind: OpKind) => string;

/** "Conv 2D named block_*, the last layer with weights" */
export function selectorText({ name, kind, place }: Omit<LayerRule, 'override'>, labelOf: KindLabel): string {
  const what = kind === undefined ? null : labelOf(kind);
  const named = name === undefined || name === '*' ? null : `named ${name}`;
  const layers = what ?? (named ? 'layers' : null);
  const all = [[layers, named].filter(Boolean).join(' '), place === undefined ? '' : PLACES[place]].filter(Boolean);
  return all.length > 0 ? all.join(', ') : 'all layers';
}

const label = (id: string) => formatOf(id)?.label ?? id;
const range = ({ min, max }: Range) => `${min} … ${max}`;

/** "weights INT4 per tensor, output 0 … 6, kept in float" */
export function overrideText(override: LayerOverride): string {
  const { keepFloat, weightFormat, activationFormat, granularity } = override;
  const parts = [
    keepFloat === true && 'kept in float',
    keepFloat === false && 'quantized',
    weightFormat !== undefined && `weights ${label(weightFormat)}`,
    granularity && `weights per ${granularityText(granularity)}`,
    override.weightEstimator && `weights by ${estimatorOf(override.weightEstimator.id)?.label ?? ''}`,
    override.weightRange && `weights ${range(override.weightRange)}`,
    activationFormat !== undefined && `output ${label(activationFormat)}`,
    override.activationEstimator && `output by ${estimatorOf(override.activationEstimator.id)?.label ?? ''}`,
    override.activationRange && `output ${range(override.activationRange)}`,
  ];
  return parts.filter(Boolean).join(', ') || 'nothing';
}

export function ruleText(rule: LayerRule, labelOf: KindLabel): string {
  return `${selectorText(rule, labelOf)}: ${overrideText(rule.override)}`;
}
