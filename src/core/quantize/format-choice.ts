/** Which number format each tensor gets, and which of them a .tflite file can hold. */
import { lookup } from '../../base/lookup';
import { RangefinderError } from '../../base/errors';
import type { OpId, TensorId } from '../graph/graph';
import type { Op, OpKind } from '../graph/ops/attrs';
import { INT8_ACTIVATION, INT8_WEIGHT, type AnyFormat, type IntFormat } from '../number-formats/format';
import { formatOf, FORMATS } from '../number-formats/table';
import type { FormatRow } from '../number-formats/row';
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

const CODES: Readonly<Record<'full' | 'asymmetric' | 'symmetric', Pick<IntFormat, 'symmetric' | 'narrow'>>> = {
  full: { symmetric: true, narrow: false },
  asymmetric: { symmetric: false, narrow: false },
  symmetric: { symmetric: true, narrow: false },
};

/** One object for each format, so that what is made for it once can be found again. */
const recoded = new Map<string, IntFormat>();

function withCodes(format: AnyFormat, codes: keyof typeof CODES | undefined): AnyFormat {
  if (format.kind !== 'int' || codes === undefined) return format;
  const key = `${format.bits} ${codes}`;
  let made = recoded.get(key);
  if (!made) recoded.set(key, (made = { ...format, ...CODES[codes] }));
  return made;
}

/** @throws RangefinderError 'invalid-settings' for a format that is not in the table. */
export function chosenWeightFormat({ weights, layers }: QuantSettings, op: OpId): AnyFormat {
  const id = lookup(layers, op)?.weightFormat ?? weights.format;
  return withCodes(id === undefined ? INT8_WEIGHT : rowOf(id).weights, weights.codes);
}

/**
 * @param producer the op that writes the tensor; absent for graph inputs
 * @param usual what is taken where neither the tensor nor its layer chooses
 */
export function chosenActivationFormat(
  settings: QuantSettings,
  tensor: TensorId,
  producer?: OpId,
  usual = settings.activations.format,
): AnyFormat {
  const layer = producer === undefined ? undefined : lookup(settings.layers, producer);
  const id = lookup(settings.tensors, tensor)?.format ?? layer?.activationFormat ?? usual;
  return withCodes(id === undefined ? INT8_ACTIVATION : rowOf(id).activations, settings.activations.codes);
}

/** All 256 codes, with a zero point or with 0 as such. */
export function isInt8Activation({ format = INT8_ACTIVATION }: Pick<ActivationPlan, 'format'>): boolean {
  return format.kind === 'int' && format.bits === 8 && !format.narrow;
}

/** 16 bits without a zero point, as files with 8-bit weights have them. */
export function isInt16Activation({ format = INT8_ACTIVATION }: Pick<ActivationPlan, 'format'>): boolean {
  return format.kind === 'int' && format.bits === 16 && format.symmetric;
}

/** The type that holds an activation in a file; null for formats that no file has. */
export function storedActivationType(plan: Pick<ActivationPlan, 'format'>): 'int8' | 'int16' | null {
  return isInt8Activation(plan) ? 'int8' : isInt16Activation(plan) ? 'int16' : null;
}

/** The integers that weights become in a file, at most eight bits around zero; null for what no file here can hold. */
export function storedWeightFormat({ format = INT8_WEIGHT, block, origin }: WeightPlan): IntFormat | null {
  if (format.kind !== 'int' || block !== undefined) return null;
  // Kernels multiply the lowest code, too; only files that others made use it.
  return format.bits <= 8 && format.symmetric && (format.narrow || origin === 'file') ? format : null;
}

/**
 * Ops whose weights are packed where they have four bits. LiteRT has an int4 kernel for depthwise convolutions, too, but one
 * that rounds differently from the int8 kernel all runtimes prefer; their weights are few, and stay a byte each.
 */
const INT4_KERNELS: ReadonlySet<OpKind> = new Set<OpKind>(['conv2d', 'fullyConnected']);

/** Whether a .tflite file can hold weights or activations of a format; others are simulated only. */
export function isStorable(row: FormatRow, kind: 'weights' | 'activations'): boolean {
  if (kind === 'activations') return storedActivationType({ format: row.activations }) !== null;
  return row.weights.kind === 'int' && row.weights.bits <= 8 && row.weights.symmetric && row.weights.narrow;
}

/** Whether a file holds two of these weights in a byte. */
export function isPacked(weights: WeightPlan, kind: OpKind): boolean {
  return storedWeightFormat(weights)?.bits === 4 && INT4_KERNELS.has(kind);
}

/** How weights of fewer than 8 bits are stored, in words. */
export function storageNotes(weights: readonly (readonly [Op, WeightPlan])[]): string[] {
  const narrow = weights.filter(([, plan]) => (storedWeightFormat(plan)?.bits ?? 8) < 8);
  const packed = narrow.filter(([{ kind }, plan]) => isPacked(plan, kind)).length;
  const layers = (count: number) => (count === 1 ? 'one layer' : `${count} layers`);
  const notes: string[] = [];
  if (packed > 0)
    notes.push(
      `INT4 weights of ${layers(packed)} take half a byte each; LiteRT.js, which the file is compared with, runs them on its plain kernels, slowly. Native LiteRT rounds them twice and may differ by one code; TFLM takes no INT4 dense layer with a scale for each channel.`,
    );
  if (narrow.length > packed)
    notes.push(`Weights of ${layers(narrow.length - packed)} have fewer than 8 bits, but are stored a byte each.`);
  return notes;
}

/** What of a plan no .tflite file holds; such plans can be simulated, but not written. */
export function notStorable(plan: QuantPlan): string[] {
  return [
    ...Object.values(plan.weights)
      .filter((weight) => !storedWeightFormat(weight))
      .map(({ tensor, block }) => `weights ${tensor}${block === undefined ? '' : ` in blocks of ${block}`}`),
    ...Object.values(plan.activations)
      .filter((activation) => !storedActivationType(activation))
      .map(({ tensor }) => `activation ${tensor}`),
  ];
}

/** @throws RangefinderError 'unsupported-feature' listing the tensors that no file holds */
export function checkStorable(plan: QuantPlan): void {
  const details = notStorable(plan);
  if (details.length === 0) return;
  throw new RangefinderError({
    code: 'unsupported-feature',
    message: `A .tflite file holds integer weights of up to 8 bits around zero, with a scale for each channel, and int8 or int16 activations; ${details.length} tensors have other formats.`,
    details,
    hint: 'Formats such as FP8 can be evaluated here but not exported; choose INT8, or INT4 for weights.',
  });
}
