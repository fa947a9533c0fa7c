import { nonFiniteActivations, nonFiniteInWords } from '../../core/graph/non-finite';
import { patch } from '../../state/store';
import { Icon } from '../parts/Icon';
import { ErrorCard } from '../parts/ErrorCard';
import { useController, useStudio, useStudioStore } from './studio';
import { OpenSizes } from './OpenSizes';
import { Uncomputed } from './Uncomputed';

/** What went wrong with the model or with a job, and what of the model is not computed; trouble with the data is shown in its own panel. */
export function Problems() {
  const controller = useController();
  const store = useStudioStore();
  const model = useStudio((state) => state.model.error);
  const kept = useStudio((state) => state.model.view?.name ?? null);
  const job = useStudio((state) => state.results.error);
  const uncomputed = useStudio((state) => (state.model.view?.uncomputed.length ?? 0) > 0);
  const nonFinite = useStudio((state) => state.model.view?.nonFinite);
  const activations = useStudio((state) => state.results.calibration?.value.activations);
  const notNumbers = activations && nonFiniteInWords(nonFiniteActivations(activations), 'activation');
  if (!model && !job && !uncomputed && nonFinite === undefined && notNumbers === undefined) return null;
  return (
    <div className="problems">
      {model && (
        <ErrorCard
          title={`The model could not be opened${kept === null ? '' : `; “${kept}” stays`}`}
          error={model}
          onDismiss={() => patch(store, 'model', { error: null })}
        >
          {model.openSizes && <OpenSizes key={model.message} names={model.openSizes} />}
        </ErrorCard>
      )}
      {job && (
        <ErrorCard
          title="A step failed"
          error={job}
          onRetry={() => void controller.pipeline.refresh()}
          onDismiss={() => patch(store, 'results', { error: null })}
        />
      )}
      {nonFinite !== undefined && (
        <section className="error-card" role="alert">
          <Icon name="alert" />
          <div>
            <h3>The model holds values that are no numbers</h3>
            <p>{nonFinite}</p>
            <p className="hint">Training diverged, or the file was damaged: take an earlier checkpoint.</p>
          </div>
        </section>
      )}
      {notNumbers !== undefined && (
        <section className="error-card" role="alert">
          <Icon name="alert" />
          <div>
            <h3>Some activations are no numbers</h3>
            <p>{notNumbers}</p>
            <p className="hint">Check the range of the inputs, and roots, logarithms and divisions in the model.</p>
          </div>
        </section>
      )}
      <Uncomputed />
    </div>
  );
}
