import { lookup } from '../../../base/lookup';
import { splitSqnrDb } from '../../../core/metrics/error-split';
import { sqnrDb } from '../../../core/metrics/error-accumulator';
import type { LayerView } from '../../../jobs/contract/protocol';
import { freshness, shownCalibration } from '../../../state/slices/results';
import { patch, settingsOf } from '../../../state/store';
import { decibels } from '../../parts/format';
import { useStudio, useStudioStore } from '../../app/studio';
import { ConvergenceChart } from './ConvergenceChart';
import { partsInWords, SplitBar } from './SplitBar';
import './diagnose.css';

/** What the diagnosis says of one layer: where its error comes from, and what was found there. */
export function LayerDiagnosis({ layer }: { layer: LayerView }) {
  const store = useStudioStore();
  const diagnosis = useStudio(({ diagnosis: { result }, results }) =>
    result?.basis === results.basis ? result.value : null,
  );
  const outdated = useStudio((s) => freshness(s.diagnosis.result, settingsOf(s), s.results.basis) === 'stale');
  const convergence = useStudio(
    (state) => lookup(shownCalibration(state.results)?.activations, layer.output.id)?.convergence ?? null,
  );
  const split = diagnosis?.activations.find(({ tensor }) => tensor === layer.output.id);
  const weights = diagnosis?.weights.find(({ op }) => op === layer.id);
  const findings = diagnosis?.findings.filter(({ layers }) => layers.includes(layer.id)) ?? [];
  return (
    <section className="layer-diagnosis" aria-label="Diagnosis of this layer">
      {split ? (
        <>
          <SplitBar split={split} full />
          <p>
            Error {decibels(splitSqnrDb(split))} <span className="quiet">below the signal: {partsInWords(split)}</span>
            {weights && (
              <span className="quiet">
                {' '}
                · its weights themselves {decibels(sqnrDb(weights.signal, weights.clipping + weights.rounding))}
              </span>
            )}
            {outdated && ' '}
            {outdated && <span className="badge warn">outdated</span>}
          </p>
        </>
      ) : (
        <p className="quiet">
          <button type="button" className="link" onClick={() => patch(store, 'ui', { tab: 'diagnose' })}>
            Diagnose
          </button>{' '}
          to see where this layer’s error comes from.
        </p>
      )}
      {findings.map(({ check, title, severity }) => (
        <button
          key={`${check} ${title}`}
          type="button"
          className="finding-chip"
          data-severity={severity}
          onClick={() => patch(store, 'ui', { tab: 'diagnose' })}
        >
          {title}
        </button>
      ))}
      {convergence && convergence.samples.length > 1 && (
        <details>
          <summary>Range convergence</summary>
          <ConvergenceChart convergence={convergence} />
        </details>
      )}
    </section>
  );
}
