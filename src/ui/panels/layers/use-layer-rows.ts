import { useMemo } from 'react';
import { comparedWith, shownResult } from '../../../state/results/comparison';
import { layerRows, type LayerRow } from '../../../state/results/layer-rows';
import { useStudio } from '../../app/studio';

const NONE: readonly LayerRow[] = [];

/** Rows of the open model with everything known about them. */
export function useLayerRows(): readonly LayerRow[] {
  const model = useStudio((state) => state.model.view);
  const plan = useStudio((state) => state.results.plan?.value ?? null);
  const evaluation = useStudio((state) => shownResult(state, 'evaluation')?.value ?? null);
  const sensitivity = useStudio((state) => shownResult(state, 'sensitivity')?.value ?? null);
  const before = useStudio(comparedWith);
  return useMemo(() => {
    const untrained = before && {
      evaluation: before.evaluation?.value ?? null,
      sensitivity: before.sensitivity?.value ?? null,
    };
    return model ? layerRows(model, { plan, evaluation, sensitivity, untrained }) : NONE;
  }, [model, plan, evaluation, sensitivity, before]);
}
