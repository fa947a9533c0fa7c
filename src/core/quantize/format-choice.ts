/** Which number format each tensor gets, and which of them a .tflite file can hold. */
import { RangefinderError } from '../errors';
import type { OpId } from '../graph/graph';
import { INT8_ACTIVATION, INT8_WEIGHT, type AnyFormat, type IntFormat } from '../numerics/format';
import { formatOf, FORMATS } from '../numerics/formats/table';
import type { FormatRow } from '../numerics/formats/row';
import type { ActivationPlan, QuantPlan, WeightPlan } from './plan';
import type { QuantSettings } from './settings';

function rowOf(id: string): FormatRow {
  const row = formatOf(id);
  if (row) return row;
  throw new RangefinderError({
    code: 'invalid-settings',
    message: `There is no number format "${id}".`,
    hint: `Choose one of ${FORMATS.map((format) => format.id).join(', ')}.`,
  });
}

/** @throws RangefinderError 'invalid-settings' for a format that is not in the table. */
export function chosenWeightFormat(settings: QuantSettings, op: OpId): AnyFormat {
  const id = settings.layers[op]?.weightFormat ?? settings.weights.format;
  return id === undefined ? INT8_WEIGHT : rowOf(id).weights;
}

/** @param producer the op that writes the tensor; absent for graph inputs */
export function chosenActivationFormat(settings: QuantSettings, producer: OpId | undefined): AnyFormat {
  const own = producer === undefined ? undefined : settings.layers[producer]?.activationFormat;
  const id = own ?? settings.activations.format;
  return id === undefined ? INT8_ACTIVATION : rowOf(id).activations;
}

export function isInt8Activation({ format = INT8_ACTIVATION }: ActivationPlan): boolean {
  return format.kind === 'int' && format.bits === 8 && !format.symmetric;
}

/** The integers that weights become in a file, at most eight bits wide; null for what no file here can hold. */
export function storedWeightFormat({ format = INT8_WEIGHT }: WeightPlan): IntFormat | null {
  return format.kind === 'int' && format.bits <= 8 ? format : null;
}

/**
 * A plan with other formats than a .tflite file knows can be simulated, but not written.
 * @throws RangefinderError 'unsupported-feature' listing the tensors
 */
export function checkStorable(plan: QuantPlan): void {
  const details = [
    ...Object.values(plan.weights)
      .filter((weight) => !storedWeightFormat(weight))
      .map(({ tensor }) => `weights ${tensor}`),
    ...Object.values(plan.activations)
      .filter((activation) => !isInt8Activation(activation))
      .map(({ tensor }) => `activation ${tensor}`),
  ];
  if (details.length === 0) return;
  throw new RangefinderError({
    code: 'unsupported-feature',
    message: `A .tflite file holds integer weights of up to 8 bits and int8 activations; ${details.length} tensors have other formats.`,
    details,
    hint: 'Formats such as FP8 can be evaluated here but not exported; choose INT8, or INT4 for weights.',
  });
}
