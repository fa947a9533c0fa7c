/** Algorithms that make a model easier to quantize: each a switch, with what it did to every layer. */
import { useMemo } from 'react';
import type { Algorithm } from '../../../core/algorithms/algorithm';
import { ALGORITHMS } from '../../../core/algorithms/table';
import { algorithm } from '../../../state/edits/edits';
import { unimproved } from '../../../state/results/comparison';
import { patch, settingsOf } from '../../../state/store';
import { decibels, deltaText, deltaTone, scoreText } from '../../parts/format';
import { ParamFields } from '../../fields/ParamFields';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { AlgorithmOutcome } from './AlgorithmOutcome';
import { gains } from './gains';
import { Recommended } from './Recommended';
import './improve.css';
import { sameSettings } from '../../../core/quantize/settings-key';

const STEPS: readonly { readonly step: Algorithm['step']; readonly title: string; readonly explain: string }[] = [
  {
    step: 'rewriting',
    title: 'Rewrite',
    explain: 'The model computes what it did, with weights and activations that are easier to quantize.',
  },
  { step: 'rounding', title: 'Round', explain: 'Which code each weight gets; one of these at a time.' },
  { step: 'correction', title: 'Correct', explain: 'Biases and scales make up for what rounding shifted.' },
];

export default function ImprovePanel() {
  const store = useStudioStore();
  const trained = useStudio((state) => settingsOf(state).trained !== undefined);
  return (
    <section className="panel improve" aria-label="Improve">
      <header>
        <h2>Algorithms</h2>
        <Bought />
      </header>
      {trained && (
        <p className="improve-trained">
          <span className="quiet">
            Trained weights are in use, and algorithms work on the model before training: go back to PTQ first.
          </span>
          <button type="button" className="button small" onClick={() => patch(store, 'ui', { tab: 'train' })}>
            Show training
          </button>
        </p>
      )}
      <fieldset className="body" disabled={trained}>
        <Recommended />
        {STEPS.map(({ step, title, explain }) => (
          <section key={step} className="improve-step" aria-label={title}>
            <h3>
              {title} <span className="quiet">{explain}</span>
            </h3>
            <ul>
              {ALGORITHMS.filter((row) => row.step === step).map((row) => (
                <AlgorithmRow key={row.id} row={row} />
              ))}
            </ul>
          </section>
        ))}
      </fieldset>
    </section>
  );
}

/** What all that is switched on changed, in the metric of the evaluation. */
function Bought() {
  const on = useStudio((state) => (settingsOf(state).algorithms?.length ?? 0) > 0);
  const before = useStudio((state) => unimproved(state)?.value ?? null);
  const now = useStudio((state) => state.results.evaluation);
  const fresh = useStudio(
    (state) => now !== null && sameSettings(now.settings, settingsOf(state)) && now.basis === state.results.basis,
  );
  const layers = useMemo(() => (before && now ? gains(before.layers, now.value.layers) : null), [before, now]);
  if (!on) return <p className="quiet">All off: weights are rounded to the nearest code.</p>;
  if (!now) return <p className="quiet">Not evaluated yet.</p>;
  if (!fresh || now.partial) return <p className="quiet">Evaluating…</p>;
  if (!before || !layers)
    return (
      <p className="bought">
        <b>{scoreText(now.value.quantized)}</b>
        <span className="quiet"> · without algorithms these settings were not evaluated</span>
      </p>
    );
  const { metric } = now.value.quantized;
  const delta = now.value.quantized.value - before.quantized.value;
  return (
    <p className="bought">
      {scoreText(before.quantized)} → <b>{scoreText(now.value.quantized)}</b>{' '}
      <span data-tone={deltaTone(metric, delta)}>{deltaText(metric, delta)}</span>
      <span className="quiet">
        {' '}
        · output {decibels(before.outputSqnrDb)} → {decibels(now.value.outputSqnrDb)} · {layers.better} layers better,{' '}
        {layers.worse} worse
      </span>
    </p>
  );
}

function AlgorithmRow({ row }: { row: Algorithm }) {
  const controller = useController();
  const choice = useStudio((state) => settingsOf(state).algorithms?.find(({ id }) => id === row.id) ?? null);
  const report = useStudio(({ results }) => {
    const learning = results.learning?.algorithm === row.id ? results.learning : null;
    return learning ?? results.variant?.value.reports.find((entry) => entry.algorithm === row.id) ?? null;
  });
  return (
    <li className="algorithm" data-on={choice !== null}>
      <label className="switch">
        <input
          type="checkbox"
          role="switch"
          checked={choice !== null}
          onChange={({ target }) => controller.edit(algorithm(row.id, target.checked ? {} : null))}
        />
        <span className="algorithm-name">
          {row.label}
          {!row.needsData && <span className="badge">without data</span>}
        </span>
      </label>
      <p className="quiet">{row.explain}</p>
      {choice && (
        <ParamFields
          params={row.params}
          values={choice.params}
          onChange={(params, coalesce) => controller.edit(algorithm(row.id, params), coalesce)}
        />
      )}
      {choice && report && <AlgorithmOutcome row={row} report={report} />}
    </li>
  );
}
