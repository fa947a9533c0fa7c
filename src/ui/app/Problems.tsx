import { patch } from '../../state/store';
import { ErrorCard } from '../parts/ErrorCard';
import { useController, useStudio, useStudioStore } from '../studio';

/** What went wrong with the model or with a job; trouble with the data is shown in its own panel. */
export function Problems() {
  const controller = useController();
  const store = useStudioStore();
  const model = useStudio((state) => state.model.error);
  const job = useStudio((state) => state.results.error);
  if (!model && !job) return null;
  return (
    <div className="problems">
      {model && (
        <ErrorCard
          title="The model could not be opened"
          error={model}
          onDismiss={() => patch(store, 'model', { error: null })}
        />
      )}
      {job && (
        <ErrorCard
          title="A step failed"
          error={job}
          onRetry={() => void controller.pipeline.refresh()}
          onDismiss={() => patch(store, 'results', { error: null })}
        />
      )}
    </div>
  );
}
