import type { Check } from '../finding';

/** What the data doctor found wrong with what goes in: everything behind it is calibrated and measured on that. Noise is no data. */
export const dataRange: Check = {
  id: 'data-range',
  looksFor: 'Data that is not prepared as the model was trained: not normalised, other ranges, exchanged colours.',
  find: ({ data }) =>
    (data.isRandom ? [] : data.doctor)
      .filter(({ severity, about, fix }) => severity === 'warning' && (about === 'input' || fix))
      .map(({ message, fix }) => ({
        title: 'The data is not what the model expects',
        sentence: `${message} Ranges are calibrated on this, and accuracy is measured on it.`,
        layers: [],
        evidence: [],
        fixes: fix ? [{ kind: 'preprocessing' as const, label: 'Use this preprocessing', pipeline: fix }] : [],
        estimate: 1,
      })),
};
