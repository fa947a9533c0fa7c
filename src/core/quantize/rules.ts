/** Rules become choices of single layers, before anything is planned: whoever plans sees layers only. */
import { lookup, put } from '../../base/lookup';
import { RangefinderError } from '../../base/errors';
import type { OpId, TensorId } from '../graph/graph';
import type { OpKind } from '../graph/ops/attrs';
import type { LayerOverride, LayerRule, QuantSettings, RulePlace, TensorOverride } from './settings';

/** A layer, or an input of the model, as rules see it; the page has it without the graph. */
export interface RuleTarget {
  readonly id: OpId;
  readonly name: string;
  readonly kind: OpKind | 'input';
  readonly weighted: boolean;
}

const PLACES: Readonly<Record<RulePlace, (at: number, last: number) => boolean>> = {
  first: (at) => at === 0,
  last: (at, last) => at === last,
  ends: (at, last) => at === 0 || at === last,
};

export const RULE_PLACES = Object.keys(PLACES) as readonly RulePlace[];

/**
 * The layers that meet all conditions of a rule, in order. An input, which is no layer, has to be named: `*` is all layers.
 */
export function matchingLayers<T extends RuleTarget>(rule: Omit<LayerRule, 'override'>, targets: readonly T[]): T[] {
  const name = rule.name === undefined ? null : patternOf(rule.name);
  const weighted = targets.filter((target) => target.weighted);
  const stands = (target: T) =>
    rule.place === undefined || (target.weighted && PLACES[rule.place](weighted.indexOf(target), weighted.length - 1));
  return targets.filter(
    (target) =>
      (!name || name.test(target.name)) &&
      (target.kind !== 'input' || (rule.name !== undefined && !ALL.test(rule.name))) &&
      (rule.kind === undefined || rule.kind === target.kind) &&
      stands(target),
  );
}

const ALL = /^\*+$/;

/** Whether a name is of a pattern in which * stands for anything; each part is looked for once, so that no pattern takes long. */
function patternOf(pattern: string): { test(name: string): boolean } {
  const [first, ...rest] = pattern.toLowerCase().split('*');
  const last = rest.pop();
  return {
    test: (name) => {
      const text = name.toLowerCase();
      if (last === undefined) return text === first;
      if (!text.startsWith(first) || !text.endsWith(last)) return false;
      let at = first.length;
      for (const part of rest) {
        const found = text.indexOf(part, at);
        if (found < 0) return false;
        at = found + part.length;
      }
      return at <= text.length - last.length;
    },
  };
}

/** What rules alone choose for each layer. */
export function ruledLayers(rules: readonly LayerRule[], targets: readonly RuleTarget[]): Record<OpId, LayerOverride> {
  const layers: Record<OpId, LayerOverride> = {};
  for (const rule of rules)
    for (const { id, kind } of matchingLayers(rule, targets))
      if (kind !== 'input') put(layers, id, { ...lookup(layers, id), ...rule.override });
  return layers;
}

/** What rules choose for inputs: what a rule says of a layer's output is said of the input itself. */
function ruledInputs(rules: readonly LayerRule[], targets: readonly RuleTarget[]): Record<TensorId, TensorOverride> {
  const inputs: Record<TensorId, TensorOverride> = {};
  for (const rule of rules)
    for (const { id, kind } of matchingLayers(rule, targets)) {
      if (kind !== 'input') continue;
      const { activationFormat, activationEstimator, activationRange } = rule.override;
      put(inputs, id, {
        ...lookup(inputs, id),
        ...(activationFormat !== undefined && { format: activationFormat }),
        ...(activationEstimator && { estimator: activationEstimator }),
        ...(activationRange && { range: activationRange }),
      });
    }
  return inputs;
}

/** The same choices without rules: what they say stands with the layers, unless a layer says otherwise itself. */
export function withoutRules({ rules, ...settings }: QuantSettings, targets: readonly RuleTarget[]): QuantSettings {
  if (!rules?.length) return settings;
  for (const { place } of rules)
    if (place !== undefined && !Object.hasOwn(PLACES, place))
      throw new RangefinderError({
        code: 'invalid-settings',
        message: `A rule cannot be about "${String(place)}" layers.`,
        hint: `Choose one of ${RULE_PLACES.join(', ')}.`,
      });
  const layers = ruledLayers(rules, targets);
  for (const [id, own] of Object.entries(settings.layers)) put(layers, id, { ...lookup(layers, id), ...own });
  const tensors = ruledInputs(rules, targets);
  for (const [id, own] of Object.entries(settings.tensors)) put(tensors, id, { ...lookup(tensors, id), ...own });
  return { ...settings, layers, tensors };
}
