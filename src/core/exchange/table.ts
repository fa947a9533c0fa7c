/** Files of encodings: a new kind is a file beside this one and a row here. */
import { isAimet, readAimet, writeAimet } from './aimet';
import type { Encoding, Encodings } from './encoding';
import { isOverrides, readOverrides, writeOverrides } from './onnxruntime-overrides';
import { isPpq, readPpq, writePpq } from './ppq';

export interface EncodingsRow {
  readonly id: string;
  readonly title: string;
  /** Whether parsed JSON looks like this kind. */
  readonly is: (value: object) => boolean;
  /** @throws RangefinderError 'corrupt-file' */
  readonly read: (value: unknown) => Encodings;
  /** Plain data for JSON; names of tensors are its keys or values. */
  readonly write: (encodings: readonly Encoding[]) => unknown;
}

/** The least particular last: overrides are any table of lists. */
export const ENCODINGS: readonly EncodingsRow[] = [
  { id: 'aimet', title: 'AIMET encodings', is: isAimet, read: readAimet, write: writeAimet },
  { id: 'ppq', title: 'PPQ parameters', is: isPpq, read: readPpq, write: writePpq },
  { id: 'ort', title: 'onnxruntime overrides', is: isOverrides, read: readOverrides, write: writeOverrides },
];
