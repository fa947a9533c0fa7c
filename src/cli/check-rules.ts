import { RangefinderError } from '../base/errors';
import type { OpKind } from '../core/graph/ops/attrs';
import { definitionOfKind } from '../core/graph/ops/table';
import { ruleText } from '../core/quantize/rule-text';
import { ruleTargets } from '../core/quantize/rule-targets';
import { matchingLayers } from '../core/quantize/rules';
import type { QuantSettings } from '../core/quantize/settings';
import type { Headless } from './headless';

const kindLabel = (kind: OpKind) => definitionOfKind(kind).label;

/**
 * Says how many places of the open model each rule is for.
 * @throws RangefinderError 'invalid-settings' where one is for none: whoever wrote it meant something
 */
export function checkRules({ rules = [] }: QuantSettings, studio: Headless): void {
  const targets = ruleTargets(studio.session.quantizableModel.graph);
  for (const rule of rules) {
    const count = matchingLayers(rule, targets).length;
    if (count === 0)
      throw new RangefinderError({
        code: 'invalid-settings',
        message: `A rule matches nothing in this model: ${ruleText(rule, kindLabel)}.`,
        hint: 'Name layers or inputs as `rangefinder inspect` lists them, or use * for any characters.',
        details: targets.slice(0, 40).map(({ name, kind }) => `${name} (${kind})`),
      });
    studio.say(`  ${ruleText(rule, kindLabel)} (${count === 1 ? 'one place' : `${count} places`})`);
  }
}
