/** Weights in lookup tables are read by TensorFlow Lite for Microcontrollers alone: elsewhere their indices pass for weights. */
import type { FileConstraint } from '../target';

export const NO_LOOKUP_TABLES: FileConstraint = {
  rule: 'file/lookup-tables',
  severity: 'error',
  source: 'tflite-micro, docs/compression.md',
  fix: { label: 'Weights written out', options: ['--form', 'int8'] },
  check: ({ metadata }) =>
    metadata.includes('COMPRESSION_METADATA')
      ? 'Weights are indices into lookup tables, which is not read there.'
      : null,
};
