import type { Lesson } from '../../core/lessons/schema';

/** A lesson of every kind of step, for tests. */
export const SMALL_LESSON: Lesson = {
  kind: 'rangefinder-lesson',
  version: 1,
  id: 'small',
  title: 'One scale for all',
  summary: 'What a single scale costs.',
  goals: ['See what one scale costs'],
  minutes: 5,
  teacher: { goal: 'One scale starves small channels.', mistakes: ['Blames the bits.'], question: 'Why?', figure: 'The strip.' }, // prettier-ignore
  sources: [{ title: 'Nagel et al. 2019', link: 'https://arxiv.org/abs/1906.04721' }],
  start: {
    model: ['../samples/digits.tflite'],
    data: ['../samples/digits.npz'],
    samples: { seed: 42, calibration: 100, evaluation: 200 },
    settings: { weights: { granularity: 'tensor' } },
    show: { view: 'layer' },
  },
  hides: [],
  steps: [
    {
      id: 'guess',
      kind: 'predict',
      title: 'Guess',
      text: 'How many are **right**?',
      locks: ['settings'],
      input: { type: 'number', label: 'Right', unit: '%', min: 0, max: 100 },
      truth: '100 * score("file")',
      near: 5,
    },
    {
      id: 'switch',
      kind: 'act',
      title: 'Switch',
      text: 'Take one scale per channel.',
      fields: [{ id: 'why', input: { type: 'choice', label: 'Why', options: [{ id: 'bits', label: 'Bits' }, { id: 'spread', label: 'Spread' }] } }], // prettier-ignore
      check: 'granularity() = "channel" and field("why") = "spread"',
      goal: 'One scale per channel',
      hints: ['Look at Settings.', 'Per channel.'],
      solution: 'Settings → Per channel.',
    },
    {
      id: 'look',
      kind: 'observe',
      title: 'Look',
      text: 'This came of it.',
      compare: 'guess',
      figures: [{ label: 'Right', value: 'score("file")', as: 'percent', record: 'after' }],
    },
    {
      id: 'think',
      kind: 'reflect',
      title: 'Think',
      text: 'Which channels lost most?',
      input: { type: 'choice', label: 'Which', options: [{ id: 'small', label: 'Small' }, { id: 'large', label: 'Large' }] }, // prettier-ignore
      right: 'small',
      answer: 'The small ones.',
    },
  ],
};
