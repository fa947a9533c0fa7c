/** What goes in and comes out where a model is written in another form. */
import type { FormRuntime } from '../../core/exports/form';
import type { QuantPlan } from '../../core/quantize/plan';
import type { QuantSettings } from '../../core/quantize/settings';
import type { Score } from './judgement-protocol';

export interface FormSpec {
  readonly settings: QuantSettings;
  /** Row of the table of forms. */
  readonly form: string;
  /** The first of the evaluation split; all of them where left out. */
  readonly samples?: number;
}

/** A row of the table of forms, for people to choose from. */
export interface FormOffer {
  readonly id: string;
  readonly title: string;
  /** One sentence: who wants it. */
  readonly explain: string;
  readonly extension: string;
  readonly runtime: FormRuntime;
  /** Why this model cannot have it; null where it can. */
  readonly whyNot: string | null;
}

/** How a file did in its own runtime. */
export interface FormFigures {
  readonly runtime: string;
  readonly score: Score;
  /** Samples whose predicted class is not the float model's; null where outputs are no classes. */
  readonly predictionsChanged: number | null;
  /** Elements of the judged outputs that differ from float by more than a thousandth of its largest value. */
  readonly elementsChanged: number;
  readonly elements: number;
  /** Of the judged outputs against float, in decibels; infinite where they are equal. */
  readonly outputSqnrDb: number;
  readonly samples: number;
  /** Median milliseconds of one inference, batch 1. */
  readonly milliseconds: number;
}

export interface FormResult {
  readonly form: string;
  readonly title: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  /** Absent where weights alone are stored in fewer bits. */
  readonly plan?: QuantPlan;
  /** Oldest release of the runtime that runs it. */
  readonly minimumRuntime: string | null;
  readonly notes: readonly string[];
  /** null where nothing here runs it. */
  readonly figures: FormFigures | null;
}
