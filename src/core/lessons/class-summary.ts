/** A class from what it handed in: who is where, what was predicted, the best files. */
import type { Value } from './vocabulary';
import { codeOf, isGenuine, lessonNumber, readCode, readResult, type LessonResult } from './result';
import { toErrorInfo } from '../../base/errors';

export interface Student {
  /** "" where none was given. */
  readonly name: string;
  /** The id of the lesson, or null where only its number is known. */
  readonly lesson: string | null;
  readonly number: number;
  readonly finished: boolean;
  readonly done: number;
  readonly steps: number | null;
  readonly right: number;
  readonly predicted: number;
  readonly hints: number;
  readonly failed: number;
  readonly score: number | null;
  readonly bytes: number | null;
  /** What is written in it is not what was handed in. */
  readonly edited: boolean;
  /** The whole result, where the file was handed in. */
  readonly result: LessonResult | null;
  readonly code: string;
}

export interface Distribution {
  readonly step: string;
  readonly label: string;
  /** What it turned out to be; null where nobody saw it. */
  readonly truth: Value | null;
  /** Each value with how many gave it, in order. */
  readonly counts: readonly { readonly value: Value; readonly count: number }[];
  readonly right: number;
  readonly answered: number;
}

export interface ClassSummary {
  readonly students: readonly Student[];
  readonly refused: readonly { readonly text: string; readonly reason: string }[];
  readonly distributions: readonly Distribution[];
  /** The best score first, then the smallest. */
  readonly best: readonly Student[];
}

const BEST = 5;

/** @param handedIn texts of files, and codes */
export function summarize(handedIn: readonly string[]): ClassSummary {
  const students: Student[] = [];
  const refused: { text: string; reason: string }[] = [];
  for (const text of handedIn) {
    if (text.trim() === '') continue;
    const coded = readCode(text.trim());
    if (coded)
      students.push({ name: '', lesson: null, number: coded.lesson, steps: null, bytes: null, edited: false, result: null, code: text.trim().toUpperCase(), ...pick(coded) }); // prettier-ignore
    else {
      try {
        students.push(studentOf(readResult(text)));
      } catch (thrown) {
        refused.push({ text: text.trim().slice(0, 40), reason: reasonFor(text, thrown) });
      }
    }
  }
  const unique = withoutRepeats(students);
  const scored = unique.filter(({ score, edited }) => score !== null && !edited);
  const best = [...scored]
    .sort((a, b) => b.score! - a.score! || (a.bytes ?? Infinity) - (b.bytes ?? Infinity))
    .slice(0, BEST);
  return { students: unique, refused, distributions: distributionsOf(unique), best };
}

function pick({ finished, done, right, predicted, hints, failed, score }: NonNullable<ReturnType<typeof readCode>>) {
  return { finished, done, right, predicted, hints, failed, score };
}

function reasonFor(text: string, thrown: unknown): string {
  if (!text.trimStart().startsWith('{')) return 'neither a result nor a code; a letter of a code may be wrong';
  return toErrorInfo(thrown).message;
}

function studentOf(result: LessonResult): Student {
  return {
    name: result.name,
    lesson: result.lesson,
    number: lessonNumber(result.lesson),
    finished: result.finished,
    done: result.done,
    steps: result.steps,
    right: result.predictions.filter(({ right }) => right).length,
    predicted: result.predictions.length,
    hints: result.hints,
    failed: result.failed,
    score: result.best?.score ?? null,
    bytes: result.best?.bytes ?? null,
    edited: !isGenuine(result),
    result,
    code: codeOf(result),
  };
}

/** Who hands in again is counted once: the file wins over the code of the same result, and what is further over what is less. */
function withoutRepeats(students: readonly Student[]): Student[] {
  const byKey = new Map<string, Student>();
  for (const student of students) {
    const key = student.name === '' ? student.code : `${student.lesson} ${student.name.toLowerCase()}`;
    const before = byKey.get(key);
    const better = !before || (student.result !== null && (before.result === null || student.done >= before.done));
    if (better) byKey.set(key, student);
  }
  const named = new Set([...byKey.values()].filter(({ result }) => result !== null).map(({ code }) => code));
  return [...byKey.values()].filter((student) => student.result !== null || !named.has(student.code));
}

function distributionsOf(students: readonly Student[]): Distribution[] {
  const found = new Map<string, { step: string; label: string; truth: Value | null; values: Value[]; right: number }>();
  for (const { result, edited } of students) {
    if (!result || edited) continue;
    for (const { step, label, value, truth, right } of result.predictions) {
      const key = `${result.lesson}/${step}`;
      const entry = found.get(key) ?? { step: key, label, truth: null, values: [], right: 0 };
      entry.values.push(value);
      entry.truth ??= truth;
      entry.right += Number(right === true);
      found.set(key, entry);
    }
  }
  return [...found.values()].map(({ values, ...entry }) => {
    const counts = new Map<Value, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const inOrder = [...counts].sort(([a], [b]) => typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en')); // prettier-ignore
    return { ...entry, counts: inOrder.map(([value, count]) => ({ value, count })), answered: values.length };
  });
}
