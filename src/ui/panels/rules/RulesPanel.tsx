/** Choices for all layers that meet a condition: listed, in the order in which they are applied. */
import { useState } from 'react';
import { retriable } from '../../parts/retriable';
import { matchingLayers } from '../../../core/quantize/rules';
import { overrideText, selectorText } from '../../../core/quantize/rule-text';
import type { LayerOverride, LayerRule } from '../../../core/quantize/settings';
import type { ModelView } from '../../../jobs/contract/protocol';
import { addRule, changeRule, endsRule, isEndsRule, moveRule, removeRule } from '../../../state/edits/edits';
import { isTunable } from '../../../state/slices/model';
import { settingsOf } from '../../../state/store';
import { Icon } from '../../parts/Icon';
import { Segmented } from '../../parts/Segmented';
import { useController, useStudio } from '../../app/studio';
import { labelsOf, targetsOf } from './use-ruled';
import { countText } from './count-text';
import './rules.css';

// Opened on demand.
const RuleForm = retriable('The form of a rule', () => import('./RuleForm'));

const NONE: readonly LayerRule[] = [];

const ENDS: Readonly<Record<'same' | 'int8' | 'float', LayerOverride | null>> = {
  same: null,
  int8: { weightFormat: 'int8', activationFormat: 'int8' },
  float: { keepFloat: true },
};

/** Which of the three shortcuts a rule is; a rule somebody wrote may be none of them. */
function endsOf(rule: LayerRule | undefined): keyof typeof ENDS | 'other' {
  if (!rule) return 'same';
  const text = JSON.stringify(rule.override);
  return (['int8', 'float'] as const).find((id) => JSON.stringify(ENDS[id]) === text) ?? 'other';
}

/** Without a model that can be quantized there are no layers to speak about. */
export function RulesPanel() {
  const model = useStudio((state) => state.model.view);
  const tunable = useStudio((state) => isTunable(state.model));
  return model && tunable ? <Rules model={model} /> : null;
}

function Rules({ model }: { model: ModelView }) {
  const controller = useController();
  const rules = useStudio((state) => settingsOf(state).rules ?? NONE);
  /** A rule being written: at its place in the list, or a new one. */
  const [open, setOpen] = useState<number | 'new' | null>(null);
  const edited = typeof open === 'number' && open < rules.length ? open : open === 'new' ? 'new' : null;
  const save = (rule: LayerRule) => {
    controller.edit(typeof edited === 'number' ? changeRule(edited, rule) : addRule(rule));
    setOpen(null);
  };
  const form = (rule: LayerRule | null) => <RuleForm rule={rule} onSave={save} onCancel={() => setOpen(null)} />;
  return (
    <section className="panel rules" aria-label="Rules">
      <header>
        <h2>
          Rules <span className="quiet">{rules.length > 0 && rules.length}</span>
        </h2>
        <button type="button" className="button small" disabled={edited !== null} onClick={() => setOpen('new')}>
          <Icon name="plus" />
          Add
        </button>
      </header>
      <div className="body">
        <div className="labelled">
          <span>First and last layer</span>
          <Segmented
            label="First and last layer"
            options={[
              { value: 'same', label: 'As the rest' },
              { value: 'int8', label: 'INT8' },
              { value: 'float', label: 'Float' },
            ]}
            value={endsOf(rules.find(isEndsRule))}
            onChange={(value) => value !== 'other' && controller.edit(endsRule(ENDS[value]))}
          />
        </div>
        {rules.length > 0 && (
          <ol className="rule-list">
            {rules.map((rule, i) => (
              <li key={i}>
                <div className="rule">
                  <button type="button" className="link" aria-description="Change this rule" onClick={() => setOpen(i)}>
                    <b>{capital(selectorText(rule, labelsOf(model)))}</b>
                    <span>{overrideText(rule.override)}</span>
                    <span className="quiet">{countText(matchingLayers(rule, targetsOf(model)).length)}</span>
                  </button>
                  <RuleButtons index={i} last={rules.length - 1} />
                </div>
                {edited === i && form(rule)}
              </li>
            ))}
          </ol>
        )}
        {edited === 'new' && form(null)}
        {rules.length === 0 && edited === null && (
          <p className="quiet">
            A rule gives all layers of a kind, or with a name, a format, a range, or keeps them in float. Later rules
            win; what a layer chooses itself wins over all.
          </p>
        )}
      </div>
    </section>
  );
}

function RuleButtons({ index, last }: { index: number; last: number }) {
  const controller = useController();
  const name = `rule ${index + 1}`;
  return (
    <span className="rule-buttons">
      <button
        type="button"
        className="button small bare icon"
        aria-label={`Apply ${name} earlier`}
        disabled={index === 0}
        onClick={() => controller.edit(moveRule(index, -1))}
      >
        <Icon name="up" />
      </button>
      <button
        type="button"
        className="button small bare icon"
        aria-label={`Apply ${name} later`}
        disabled={index === last}
        onClick={() => controller.edit(moveRule(index, 1))}
      >
        <Icon name="down" />
      </button>
      <button
        type="button"
        className="button small bare icon"
        aria-label={`Remove ${name}`}
        onClick={() => controller.edit(removeRule(index))}
      >
        <Icon name="close" />
      </button>
    </span>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
