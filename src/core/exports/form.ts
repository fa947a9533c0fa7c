/** What a row of the table of forms is: a kind of file that a quantized model can become. */
import type { Graph } from '../graph/graph';
import type { GoldenVector } from './c-project';
import type { QuantPlan } from '../quantize/plan';
import type { QuantSettings } from '../quantize/settings';

/** What runs a file, as the figures beside it are measured. */
export type FormRuntime = 'litert' | 'onnxruntime' | 'tfjs' | 'none';

/** The model that is to be written, under the settings in use. */
export interface FormSource {
  /** In float, normalized; with learnt weights where algorithms or training changed them. */
  readonly graph: Graph;
  readonly settings: QuantSettings;
  /** The model's name, for names within files. */
  readonly name: string;
  plan(settings: QuantSettings): QuantPlan;
  /** What a .tflite takes and answers for some evaluation samples, byte for byte. */
  goldens(file: Uint8Array): Promise<readonly GoldenVector[]>;
  /** A .tflite of a graph that this one became, with what of the source file nobody here computes. */
  tflite(part: Graph): Uint8Array<ArrayBuffer>;
}

export interface FormFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** A file that computes the same where nothing here reads this one: the figures are those of its run. */
  readonly twin?: Uint8Array<ArrayBuffer>;
  /** Absent where weights alone are stored in fewer bits. */
  readonly plan?: QuantPlan;
  /** What differs from what was asked for, in words. */
  readonly notes: readonly string[];
}

export interface FormRow {
  readonly id: string;
  readonly title: string;
  /** One sentence: who wants it. */
  readonly explain: string;
  /** With its dot. */
  readonly extension: string;
  readonly runtime: FormRuntime;
  /** Oldest release of the runtime, where the file does not say so itself. */
  readonly since?: string;
  /** Why this model cannot have the form, to continue "…: "; undefined where it can. */
  readonly whyNot?: (source: FormSource) => string | undefined;
  /** @throws RangefinderError where settings ask for what the form does not hold */
  readonly write: (source: FormSource) => FormFile | Promise<FormFile>;
}
