import { useId } from 'react';
import type { LessonInput } from '../../../core/lessons/schema';
import type { Value } from '../../../core/lessons/vocabulary';
import { markedStats } from '../../../state/lessons/facts';
import { useStudio } from '../../app/studio';
import { rebin } from '../../../core/calibration/rebin';
import { figureText } from './lesson-text';

interface Props {
  readonly input: LessonInput;
  readonly value: Value | undefined;
  readonly disabled: boolean;
  readonly onChange: (value: Value) => void;
}

/** A number, a choice, or a mark on a distribution. */
export function InputField(props: Props) {
  const { input, value, disabled, onChange } = props;
  const name = useId();
  if (input.type === 'choice')
    return (
      <fieldset className="lesson-choice" disabled={disabled}>
        <legend>{input.label}</legend>
        {input.options.map(({ id, label }) => (
          <label key={id}>
            <input type="radio" name={name} checked={value === id} onChange={() => onChange(id)} />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
    );
  if (input.type === 'mark') return <Mark {...props} input={input} />;
  return (
    <label className="labelled lesson-number">
      <span>{input.label}</span>
      <input
        className="field mono"
        type="number"
        disabled={disabled}
        min={input.min}
        max={input.max}
        step={input.step ?? 'any'}
        value={typeof value === 'number' ? value : ''}
        onChange={(event) => Number.isFinite(event.target.valueAsNumber) && onChange(event.target.valueAsNumber)}
      />
      {input.unit && <span>{input.unit}</span>}
    </label>
  );
}

const BARS = 60;

/** A distribution with a mark that a slider moves: the same with a finger, a pointer and keys. */
function Mark({
  input,
  value,
  disabled,
  onChange,
}: Props & { readonly input: Extract<LessonInput, { type: 'mark' }> }) {
  const stats = useStudio((state) => markedStats(state, input.layer, input.part));
  if (!stats) return <p className="quiet">The distribution is being measured…</p>;
  const top = Math.max(-stats.min, stats.max);
  const counts = rebin(stats.histogram, -top, top, BARS);
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const at = typeof value === 'number' ? value : top;
  return (
    <div className="lesson-mark">
      <svg viewBox={`0 0 ${BARS} 20`} preserveAspectRatio="none" aria-hidden="true">
        {Array.from(counts, (count, i) => (
          <rect key={i} x={i} width={0.9} y={20 - (19 * count) / most} height={(19 * count) / most} />
        ))}
        <line x1={(BARS * (at + top)) / (2 * top)} x2={(BARS * (at + top)) / (2 * top)} y1={0} y2={20} />
      </svg>
      <label className="labelled">
        <span>
          {input.label}: <b className="mono">{figureText(at, 'number')}</b>
        </span>
        <input
          type="range"
          className="range-input"
          disabled={disabled}
          min={0}
          max={top}
          step={top / 200}
          value={at}
          onChange={(event) => onChange(event.target.valueAsNumber)}
        />
      </label>
    </div>
  );
}
