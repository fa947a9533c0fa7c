import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { SMALL_LESSON } from '../../testing/builders/small-lesson';
import { summarize } from './class-summary';
import { after, begin, type Move } from './progress';
import { codeOf, isGenuine, lessonNumber, readCode, resultOf } from './result';

/** What a student with this number does: all answers are seeded, every third stops before the question. */
function handedIn(number: number) {
  const random = new Random(number);
  const value = 40 + random.integer(30);
  const moves: Move[] = [
    { kind: 'answer', value },
    { kind: 'commit' },
    { kind: 'next' },
    ...Array.from({ length: number % 4 }, (): Move => ({ kind: 'failed' })),
    ...Array.from({ length: number % 3 }, (): Move => ({ kind: 'hint' })),
    { kind: 'passed' },
    { kind: 'next' },
    { kind: 'truth', step: 'guess', value: 50 },
    { kind: 'file', score: 0.9 + number / 1000, bytes: 30_000 - number },
    { kind: 'next' },
  ];
  if (number % 3 > 0) moves.push({ kind: 'answer', value: 'small' }, { kind: 'commit' }, { kind: 'next' });
  const progress = moves.reduce((so, move) => after(SMALL_LESSON, so, move), begin(SMALL_LESSON, 'hash'));
  return { value, result: resultOf(SMALL_LESSON, progress, `Student ${number}`) };
}

const CLASS = Array.from({ length: 30 }, (_, i) => handedIn(i + 1));

describe('a class of thirty', () => {
  it('is summed up from files: who is where, what was predicted, the best files', () => {
    const { students, refused, distributions, best } = summarize(CLASS.map(({ result }) => JSON.stringify(result)));
    expect(refused).toEqual([]);
    expect(students).toHaveLength(30);
    expect(students.filter(({ finished }) => finished)).toHaveLength(20);
    expect(students.every(({ edited }) => !edited)).toBe(true);
    const [guesses] = distributions;
    expect(guesses.answered).toBe(30);
    expect(guesses.counts.reduce((sum, { count }) => sum + count, 0)).toBe(30);
    // What counts as near is 5 either way of 50.
    expect(guesses.right).toBe(CLASS.filter(({ value }) => Math.abs(value - 50) <= 5).length);
    expect(best.map(({ name }) => name)).toEqual([30, 29, 28, 27, 26].map((n) => `Student ${n}`));
  });

  it('is summed up from codes, too, which say all but the predictions', () => {
    const codes = CLASS.map(({ result }) => codeOf(result));
    expect(new Set(codes).size).toBe(30);
    const { students, refused } = summarize(codes);
    expect(refused).toEqual([]);
    expect(students.map(({ done, hints, failed, right, score }) => ({ done, hints, failed, right, score }))).toEqual(
      CLASS.map(({ result }) => ({ done: result.done, hints: result.hints, failed: result.failed, right: result.predictions.filter((one) => one.right).length, score: expect.closeTo(result.best!.score, 9) })), // prettier-ignore
    );
    expect(students[0].number).toBe(lessonNumber('small'));
  });

  it('counts who hands in twice once, by file or by code', () => {
    const { result } = CLASS[0];
    const { students } = summarize([JSON.stringify(result), codeOf(result), JSON.stringify(result)]);
    expect(students).toHaveLength(1);
    expect(students[0].name).toBe('Student 1');
  });

  it('names a file that was edited, and leaves it out of what is compared', () => {
    const { result } = CLASS[0];
    const edited = { ...result, best: { score: 1, bytes: 1 } };
    expect([isGenuine(result), isGenuine(edited)]).toEqual([true, false]);
    const { students, best } = summarize([JSON.stringify(edited), JSON.stringify(CLASS[1].result)]);
    expect(students.map((student) => student.edited)).toEqual([true, false]);
    expect(best.map(({ name }) => name)).toEqual(['Student 2']);
  });

  it('refuses what is neither', () => {
    const slip = codeOf(CLASS[0].result).replace(/^./, (letter) => (letter === 'Z' ? 'Y' : 'Z'));
    const { refused } = summarize(['hello', '{"kind":"quiz"}', slip, '']);
    expect(refused).toHaveLength(3);
    expect(readCode(slip)).toBeNull();
  });

  it('reads a code as people write it', () => {
    const code = codeOf(CLASS[3].result);
    expect(readCode(` ${code.toLowerCase().replace(/-/g, ' ')} `)).toEqual(readCode(code));
  });
});
