import type { ModelView } from '../../jobs/contract/protocol';
import { Icon } from '../parts/Icon';
import { useStudio } from './studio';

/** What of the file is kept as it is, because it holds operators that are not modelled. */
export function Uncomputed() {
  const model = useStudio((state) => state.model.view);
  if (!model || model.uncomputed.length === 0) return null;
  const { uncomputed } = model;
  return (
    <section className="error-card uncomputed" aria-label="Operators that are not computed">
      <Icon name="alert" />
      <div>
        <h3>{model.computable ? heading(model) : 'Nothing in this file can be computed here'}</h3>
        <p>{explanation(model)}</p>
        <details open={uncomputed.length <= 3}>
          <summary>
            {uncomputed.length} operator{uncomputed.length === 1 ? '' : 's'} not computed
          </summary>
          <ul className="mono">
            {uncomputed.map(({ operator, name, reason }, i) => (
              <li key={i}>
                {operator} “{name}”: {reason}
              </li>
            ))}
          </ul>
        </details>
      </div>
    </section>
  );
}

function heading({ layers, alreadyQuantized, uncomputed }: ModelView): string {
  if (alreadyQuantized) return `${uncomputed.length} of ${layers.length} layers are not modelled`;
  const kept = layers.filter(({ notComputed }) => notComputed !== undefined).length;
  return `${kept} of ${layers.length} layers are kept as they are`;
}

function explanation({ computable, alreadyQuantized, outputs, unknownOutputs }: ModelView): string {
  if (!computable)
    return 'Its layers are shown. There is nothing to calibrate or to quantize, because nothing comes before these operators.';
  if (alreadyQuantized) return 'The file is quantized already and opens for viewing; they are shown as it has them.';
  const which =
    unknownOutputs.length === 0
      ? 'No output depends on them.'
      : unknownOutputs.length === outputs.length
        ? 'All outputs depend on them: the score is taken from the values that they would receive.'
        : `They decide ${unknownOutputs.length} of ${outputs.length} outputs (${unknownOutputs.join(', ')}).`;
  return `They are not computed here, nor is what follows them. ${which} What comes before is calibrated, quantized and verified; the exported file holds the rest untouched, in float.`;
}
