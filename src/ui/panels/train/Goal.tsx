import { formatsInWords } from '../../../core/quantize/formats-in-words';
import { comparedWith, untrainedSettings } from '../../../state/results/comparison';
import { formats } from '../../../state/edits/edits';
import { wantsData } from '../../../state/autopilot/next-step';
import { freshness } from '../../../state/slices/results';
import { isUnderWay } from '../../../state/slices/training';
import { settingsOf } from '../../../state/store';
import { deltaText, scoreText } from '../../parts/format';
import { useController, useStudio } from '../../app/studio';

const PRESETS = [
  ['W8A8', 'int8', 'int8'],
  ['W4A8', 'int4', 'int8'],
  ['W4A4', 'int4', 'int4'],
  ['W3A8', 'int3', 'int8'],
] as const;

/** What is trained for: the formats of the quantization settings, and how much they cost without training. */
export function Goal() {
  const controller = useController();
  const settings = useStudio((state) => untrainedSettings(state) ?? settingsOf(state));
  const busy = useStudio((state) => isUnderWay(state.training.run));
  const words = formatsInWords(settings);
  return (
    <section className="goal" aria-label="Formats">
      <div className="goal-formats">
        <b>Train for</b>
        <div className="presets" role="group" aria-label="Formats to train for">
          {PRESETS.map(([label, weights, activations]) => (
            <button
              key={label}
              type="button"
              className="button small"
              aria-pressed={words === label}
              disabled={busy}
              // From what is quantized without training: trained weights are of the formats they were trained for.
              onClick={() => words !== label && controller.edit(() => formats(weights, activations)(settings))}
            >
              {label}
            </button>
          ))}
        </div>
        {!PRESETS.some(([label]) => label === words) && <span className="badge">{words}</span>}
        <span className="quiet">
          W: bits of weights, A: bits of activations. Others, and single layers, in Settings.
        </span>
      </div>
      <Loss />
    </section>
  );
}

/** How far the quantized model is from float before training. */
function Loss() {
  const before = useStudio((state) => comparedWith(state)?.evaluation ?? state.results.evaluation);
  const wanted = useStudio(wantsData);
  const current = useStudio((state) => {
    const { results } = state;
    if (untrainedSettings(state)) return comparedWith(state)?.evaluation ? 'fresh' : 'none';
    return freshness(results.evaluation, settingsOf(state), results.basis);
  });
  if (wanted) return null;
  if (!before || current === 'none' || current === 'stale')
    return <p className="quiet">Evaluating the quantized model…</p>;
  const { float, quantized } = before.value;
  const { metric } = quantized;
  const delta = quantized.value - float.value;
  return (
    <p className="quiet">
      Float <b className="of-float">{scoreText(float)}</b>, quantized <b className="of-quant">{scoreText(quantized)}</b>
      {Number.isFinite(delta) && `: ${deltaText(metric, delta)}`}
      {current === 'partial' && ', so far'}
    </p>
  );
}
