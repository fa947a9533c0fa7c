import { useMemo } from 'react';
import { lookup } from '../../../base/lookup';
import type { Evaluation, LayerView } from '../../../jobs/contract/protocol';
import { comparedWith, shownResult } from '../../../state/results/comparison';
import { keepFloat } from '../../../state/edits/edits';
import type { Stamped } from '../../../state/slices/results';
import { settingsOf } from '../../../state/store';
import { compact, decibels, dimensions, real } from '../../parts/format';
import { useController, useStudio } from '../../app/studio';
import { useRuled } from '../rules/use-ruled';
import { Hint } from '../../parts/Tip';

/** What the layer is, how far its output is from float, and the switch that keeps it there. */
export function LayerHeader({ layer, viewOnly }: { layer: LayerView; viewOnly: boolean }) {
  const controller = useController();
  const own = useStudio((state) => lookup(settingsOf(state).layers, layer.id)?.keepFloat);
  const { keepFloat: ruled = false } = useRuled(layer.id);
  const errorIn = (evaluation: Stamped<Evaluation> | null | undefined) =>
    evaluation?.value.layers.find(({ op }) => op === layer.id) ?? null;
  const error = useStudio((state) => errorIn(shownResult(state, 'evaluation')));
  const before = useStudio((state) => errorIn(comparedWith(state)?.evaluation));
  const reason = layer.floatOnlyReason;
  return (
    <header className="detail-header">
      <div className="detail-title">
        <h2>{layer.name}</h2>
        <p className="quiet">
          {layer.label}
          {layer.fusedActivation !== 'none' && ` + ${layer.fusedActivation}`} · {dimensions(layer.output.shape)}
          {layer.macs > 0 && ` · ${compact(layer.macs)} MACs`}
        </p>
        <p className="quiet">
          {error && (
            <>
              <Hint text="Signal to quantization noise and cosine of the output; its error beside one step of its scale; the largest error">
                Against float
              </Hint>
              :{' '}
            </>
          )}
          {error
            ? `${before ? `PTQ ${decibels(before.sqnrDb)}, QAT ` : ''}${decibels(error.sqnrDb)} · cosine ${error.cosine.toFixed(4)} · RMSE/scale ${real(error.rmseOverScale, 2)} · max ${real(error.maxError, 2)}`
            : viewOnly
              ? 'Quantized already, with the parameters below'
              : layer.notComputed !== undefined
                ? 'Not computed here'
                : 'Against float: not evaluated yet'}
        </p>
        <Neighbours layer={layer} />
      </div>
      {viewOnly || layer.notComputed !== undefined ? null : reason !== undefined ? (
        <span className="badge warn">stays float: {reason}</span>
      ) : (
        <label className="switch">
          <input
            type="checkbox"
            role="switch"
            checked={own ?? ruled}
            onChange={({ target }) => controller.edit(keepFloat(layer.id, target.checked))}
          />
          Keep float{ruled && own === undefined && ' (by a rule)'}
        </label>
      )}
    </header>
  );
}

/** What the layer reads from and what reads from it, each a way there. */
function Neighbours({ layer }: { layer: LayerView }) {
  const controller = useController();
  const layers = useStudio((state) => state.model.view?.layers ?? null);
  const { before, after } = useMemo(() => neighbours(layer, layers ?? []), [layer, layers]);
  const links = (all: readonly LayerView[]) =>
    all.slice(0, SHOWN_NEIGHBOURS).map(({ id, name }) => (
      <button key={id} type="button" className="link neighbour" onClick={() => controller.select(id)}>
        {name.slice(name.lastIndexOf('/') + 1)}
      </button>
    ));
  if (before.length + after.length === 0) return null;
  return (
    <nav className="neighbours" aria-label="Neighbours">
      {before.length > 0 && <span>from {links(before)}</span>}
      {after.length > 0 && <span>to {links(after)}</span>}
    </nav>
  );
}

const SHOWN_NEIGHBOURS = 4;

function neighbours(layer: LayerView, layers: readonly LayerView[]) {
  const own = new Set([layer.output.id, ...(layer.otherOutputs ?? [])]);
  return {
    before: layers.filter(
      ({ output, otherOutputs = [] }) =>
        layer.inputs.includes(output.id) || otherOutputs.some((id) => layer.inputs.includes(id)),
    ),
    after: layers.filter(({ inputs }) => inputs.some((id) => own.has(id))),
  };
}
