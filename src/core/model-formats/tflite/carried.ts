/**
 * What a file holds that the Graph has no form for, kept as the file has it so that an exported file can carry it on:
 * operators that are not modelled, tensors that only these touch, and the graphs that they enter.
 */
import { lookup } from '../../../base/lookup';
import type { Tensor } from '../../graph/graph';
import type { Draft, Row } from './schema/tables';

/** A tensor by its row; `bytes` where it is a constant. Its buffer index means nothing outside its file. */
export interface CarriedTensor {
  readonly row: Row<'Tensor'>;
  readonly bytes: Uint8Array | null;
  /** To continue 'it uses "x", …': "of type string", "a variable that keeps state between runs". */
  readonly reason: string;
}

export interface CarriedOperator {
  readonly code: Row<'OperatorCode'>;
  readonly row: Row<'Operator'>;
  readonly intermediates: readonly CarriedTensor[];
}

/** The graphs behind the first, with all that they refer to. */
export interface CarriedGraphs {
  readonly subgraphs: readonly Row<'SubGraph'>[];
  readonly codes: readonly Row<'OperatorCode'>[];
  readonly buffers: readonly (Uint8Array | null)[];
  /** Entries into these graphs, by their names. */
  readonly signatures: readonly Row<'SignatureDef'>[];
}

export function carriedOf(tensor: Tensor): CarriedTensor | undefined {
  return tensor.carried as CarriedTensor | undefined;
}

export function tensorDraft(row: Row<'Tensor'>, buffer: number, name: string): Draft<'Tensor'> {
  return { ...row, buffer, name };
}

/** All of an operator but what it refers to by index. */
export function operatorDraft(row: Row<'Operator'>): Draft<'Operator'> {
  const { builtinOptions, builtinOptions2, customOptions, customOptionsFormat, mutatingVariableInputs } = row;
  return {
    ...(builtinOptions && { builtinOptions }),
    ...(builtinOptions2 && { builtinOptions2 }),
    ...(customOptions && { customOptions }),
    customOptionsFormat,
    ...(mutatingVariableInputs && { mutatingVariableInputs }),
  };
}

/** Whether the operator enters other graphs of the file. */
export function entersGraphs({ builtinOptions, builtinOptions2 }: Row<'Operator'>): boolean {
  const fields = { ...builtinOptions?.fields, ...builtinOptions2?.fields };
  return Object.keys(fields).some((field) => /subgraph|computations/i.test(field));
}

const STATE = 'it keeps state between runs';
const GRAPHS = 'it runs other graphs of the file';
const SIZES = 'the size of its output depends on values';

/** Why an operator is not modelled, to continue "…, which Rangefinder cannot compute: ". */
const REASONS: Readonly<Record<string, string>> = {
  IF: GRAPHS,
  WHILE: GRAPHS,
  CALL: GRAPHS,
  CALL_ONCE: GRAPHS,
  STABLEHLO_WHILE: GRAPHS,
  STABLEHLO_CASE: GRAPHS,
  STABLEHLO_COMPOSITE: GRAPHS,
  VAR_HANDLE: STATE,
  READ_VARIABLE: STATE,
  ASSIGN_VARIABLE: STATE,
  HASHTABLE: STATE,
  HASHTABLE_FIND: STATE,
  HASHTABLE_IMPORT: STATE,
  HASHTABLE_SIZE: STATE,
  SVDF: STATE,
  RNN: STATE,
  LSTM: STATE,
  UNIDIRECTIONAL_SEQUENCE_RNN: STATE,
  BIDIRECTIONAL_SEQUENCE_RNN: STATE,
  UNIDIRECTIONAL_SEQUENCE_LSTM: STATE,
  BIDIRECTIONAL_SEQUENCE_LSTM: STATE,
  WHERE: SIZES,
  UNIQUE: SIZES,
  NON_MAX_SUPPRESSION_V4: SIZES,
  NON_MAX_SUPPRESSION_V5: SIZES,
  RANDOM_UNIFORM: 'it draws random numbers',
  RANDOM_STANDARD_NORMAL: 'it draws random numbers',
  MULTINOMIAL: 'it draws random numbers',
  SHAPE: 'it reads a shape that is known at run time only',
};

export function whyOpaque(operator: string): string {
  if (operator.startsWith('CUSTOM Flex')) return 'it is an operation of TensorFlow itself';
  if (operator.startsWith('CUSTOM')) return 'it comes with code of its own';
  return lookup(REASONS, operator) ?? 'it is not among the operators that are modelled';
}
