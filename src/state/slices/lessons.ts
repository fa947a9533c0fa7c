import type { ErrorInfo } from '../../base/errors';
import { lockedParts, type Progress } from '../../core/lessons/progress';
import type { Lesson, LessonEntry, Part } from '../../core/lessons/schema';

/** What lies over the page besides a lesson's card. */
export type LessonScreen = 'gallery' | 'teacher' | 'editor' | 'class';

export interface LessonsSlice {
  readonly open: { readonly lesson: Lesson; readonly text: string } | null;
  readonly progress: Progress | null;
  readonly opening: string | null;
  readonly error: ErrorInfo | null;
  /** Bundled ones; null before they are asked for. */
  readonly list: readonly LessonEntry[] | null;
  /** Of bundled and other lessons, by id: how far they have come. */
  readonly kept: readonly KeptLesson[];
  readonly screen: LessonScreen | null;
  /** A lesson that was dropped on the page, or whose address was opened, and is to be read. */
  readonly arrived: { readonly name: string; readonly text: string } | null;
  /** What became of the last look at the shown step's check. */
  readonly outcome: 'passed' | 'failed' | 'unknown' | null;
  /** The part of the shown layer that is to be scrolled to, until it has been. */
  readonly pointsAt: { readonly part: 'weights' | 'activations' } | null;
  /** The card is folded away; the lesson goes on. */
  readonly folded: boolean;
  /** Parts of the page that are shown to a room, large; null outside of it. */
  readonly presenting: readonly Part[] | null;
}

export interface KeptLesson {
  readonly id: string;
  readonly title: string;
  readonly step: number;
  readonly steps: number;
  readonly finished: boolean;
}

export const NO_LESSONS: LessonsSlice = {
  open: null,
  progress: null,
  opening: null,
  error: null,
  list: null,
  kept: [],
  screen: null,
  arrived: null,
  outcome: null,
  pointsAt: null,
  folded: false,
  presenting: null,
};

const NOTHING: readonly Part[] = [];

/** Parts of the page that the open lesson takes away. */
export function hiddenBy({ open }: LessonsSlice): readonly Part[] {
  return open?.lesson.hides ?? NOTHING;
}

/** Parts of the page whose controls wait for a prediction. */
export function locksOf({ open, progress }: LessonsSlice): readonly Part[] {
  if (!open || !progress) return NOTHING;
  const locked = lockedParts(open.lesson, progress);
  return locked.length > 0 ? locked : NOTHING;
}
