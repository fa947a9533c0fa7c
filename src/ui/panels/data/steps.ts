/** One row per preprocessing step: how it is called, what it starts as, what of it can be edited. */
import type { PreprocessStep, Preprocessing } from '../../../core/data/types';
import { AUDIO_STEPS } from './audio-steps';

type Kind = PreprocessStep['kind'];
type StepOf<K extends Kind> = Extract<PreprocessStep, { kind: K }>;

export type StepField<S> =
  | {
      readonly kind: 'number';
      readonly label: string;
      readonly get: (step: S) => number;
      readonly set: (step: S, value: number) => S;
      readonly whole?: boolean;
      readonly min?: number;
    }
  | {
      readonly kind: 'numbers';
      readonly label: string;
      readonly get: (step: S) => readonly number[];
      readonly set: (step: S, values: number[]) => S;
    }
  | {
      readonly kind: 'choice';
      readonly label: string;
      readonly options: readonly string[];
      readonly get: (step: S) => string;
      readonly set: (step: S, value: string) => S;
    };

export interface StepRow<K extends Kind = Kind> {
  readonly label: string;
  readonly initial: StepOf<K>;
  readonly fields: readonly StepField<StepOf<K>>[];
}

export const STEPS: { readonly [K in Kind]: StepRow<K> } = {
  resize: {
    label: 'Resize',
    initial: { kind: 'resize', height: 32, width: 32, method: 'bilinear', fit: 'stretch' },
    fields: [
      {
        kind: 'number',
        label: 'Height',
        whole: true,
        min: 1,
        get: (s) => s.height,
        set: (s, height) => ({ ...s, height }),
      },
      {
        kind: 'number',
        label: 'Width',
        whole: true,
        min: 1,
        get: (s) => s.width,
        set: (s, width) => ({ ...s, width }),
      },
      {
        kind: 'choice',
        label: 'Method',
        options: ['bilinear', 'nearest'],
        get: (s) => s.method,
        set: (s, method) => ({ ...s, method: method as typeof s.method }),
      },
      {
        kind: 'choice',
        label: 'Fit',
        options: ['stretch', 'crop'],
        get: (s) => s.fit,
        set: (s, fit) => ({ ...s, fit: fit as typeof s.fit }),
      },
    ],
  },
  layout: {
    label: 'Channels first to last',
    initial: { kind: 'layout', from: 'chw' },
    fields: [],
  },
  channels: {
    label: 'Colour order',
    initial: { kind: 'channels', order: 'rgb' },
    fields: [
      {
        kind: 'choice',
        label: 'Order',
        options: ['rgb', 'bgr', 'gray'],
        get: (s) => s.order,
        set: (s, order) => ({ ...s, order: order as typeof s.order }),
      },
    ],
  },
  scale: {
    label: 'Scale',
    initial: { kind: 'scale', scale: 1 / 255, offset: 0 },
    fields: [
      { kind: 'number', label: '×', get: (s) => s.scale, set: (s, scale) => ({ ...s, scale }) },
      { kind: 'number', label: '+', get: (s) => s.offset, set: (s, offset) => ({ ...s, offset }) },
    ],
  },
  normalize: {
    label: 'Normalize',
    initial: { kind: 'normalize', mean: [0], std: [1] },
    fields: [
      { kind: 'numbers', label: 'Mean', get: (s) => s.mean, set: (s, mean) => ({ ...s, mean }) },
      { kind: 'numbers', label: 'Std', get: (s) => s.std, set: (s, std) => ({ ...s, std }) },
    ],
  },
  reshape: {
    label: 'Reshape',
    initial: { kind: 'reshape', shape: [] },
    fields: [{ kind: 'numbers', label: 'To', get: (s) => s.shape, set: (s, shape) => ({ ...s, shape }) }],
  },
  ...AUDIO_STEPS,
};

export const STEP_KINDS = Object.keys(STEPS) as readonly Kind[];

/** The pipeline with its step at `from` moved to `to`. */
export function moveStep(steps: Preprocessing, from: number, to: number): Preprocessing {
  const rest = steps.filter((_, i) => i !== from);
  return [...rest.slice(0, to), steps[from], ...rest.slice(to)];
}

/** "0.485, 0.456 0.406" → numbers; null if any of them is none. */
export function parseNumbers(text: string): number[] | null {
  const numbers = text
    .replace(/−/g, '-')
    .split(/[\s,;×x]+/)
    .filter(Boolean)
    .map(Number);
  return numbers.length > 0 && numbers.every(Number.isFinite) ? numbers : null;
}
