import { lookup } from '../../../base/lookup';
import { useMemo } from 'react';
import type { OpId } from '../../../core/graph/graph';
import type { KindLabel } from '../../../core/quantize/rule-text';
import { ruledLayers, type RuleTarget } from '../../../core/quantize/rules';
import type { LayerOverride } from '../../../core/quantize/settings';
import type { ModelView } from '../../../jobs/contract/protocol';
import { settingsOf } from '../../../state/store';
import { useStudio } from '../../app/studio';

const known = new WeakMap<ModelView, readonly RuleTarget[]>();

/** The layers of a model as rules see them. */
export function targetsOf(model: ModelView): readonly RuleTarget[] {
  let targets = known.get(model);
  if (!targets) {
    targets = model.layers.map(({ id, name, kind, rule }) => ({ id, name, kind, weighted: rule === 'weighted' }));
    known.set(model, targets);
  }
  return targets;
}

/** What the ops of a model are called. */
export function labelsOf(model: ModelView): KindLabel {
  return (kind) => model.layers.find((layer) => layer.kind === kind)?.label ?? kind;
}

const NONE: Readonly<Record<OpId, LayerOverride>> = {};
const NOTHING: LayerOverride = {};

/** What rules choose for each layer. */
export function useRuledLayers(): Readonly<Record<OpId, LayerOverride>> {
  const model = useStudio((state) => state.model.view);
  const rules = useStudio((state) => settingsOf(state).rules);
  return useMemo(() => (model && rules ? ruledLayers(rules, targetsOf(model)) : NONE), [model, rules]);
}

/** What rules choose for one layer. */
export function useRuled(layer: OpId): LayerOverride {
  return lookup(useRuledLayers(), layer) ?? NOTHING;
}
