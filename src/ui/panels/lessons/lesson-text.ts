import type { Value } from '../../../core/lessons/vocabulary';
import type { LessonInput, Step } from '../../../core/lessons/schema';
import { bytes } from '../../parts/format';

export type Unit = 'number' | 'percent' | 'dB' | 'bytes' | 'text';

/** A figure of a lesson for people; an en dash for what is not known yet. */
export function figureText(value: Value | undefined, as: Unit): string {
  if (value === undefined) return '–';
  if (typeof value !== 'number') return String(value);
  if (as === 'percent') return `${(100 * value).toFixed(1)} %`;
  if (as === 'dB') return `${value.toFixed(1)} dB`;
  if (as === 'bytes') return bytes(value);
  return Number.isInteger(value) ? value.toLocaleString('en') : Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 }); // prettier-ignore
}

/** What was answered, in the words of the input. */
export function answerText(input: LessonInput, value: Value | undefined): string {
  if (input.type === 'choice') return input.options.find(({ id }) => id === value)?.label ?? '–';
  const text = figureText(value, 'number');
  return input.type === 'number' && input.unit && value !== undefined ? `${text} ${input.unit}` : text;
}

export const KIND_LABELS: Readonly<Record<Step['kind'], string>> = {
  predict: 'Predict',
  act: 'Act',
  observe: 'Observe',
  reflect: 'Reflect',
};
