import { describe, expect, it } from 'vitest';
import { SMALL_LESSON } from '../../testing/builders/small-lesson';
import { after, begin, lockedParts, mayGoOn, positionsOf, type Move, type Progress } from './progress';

const played = (moves: readonly Move[], from: Progress = begin(SMALL_LESSON, 'h')) =>
  moves.reduce((progress, move) => after(SMALL_LESSON, progress, move), from);

const guess = (value: number): Move[] => [{ kind: 'answer', value }, { kind: 'commit' }];

describe('a lesson under way', () => {
  it('locks what would give the prediction away, until it is made', () => {
    const start = begin(SMALL_LESSON, 'h');
    expect(lockedParts(SMALL_LESSON, start)).toEqual(['settings']);
    expect(mayGoOn(SMALL_LESSON, start)).toBe(false);
    expect(played([{ kind: 'next' }])).toEqual(start);
    const made = played(guess(60));
    expect(lockedParts(SMALL_LESSON, made)).toEqual([]);
    expect(mayGoOn(SMALL_LESSON, made)).toBe(true);
  });

  it('takes no prediction outside of what can be, and none back', () => {
    expect(played([{ kind: 'commit' }]).done).toEqual([]);
    expect(played(guess(140)).done).toEqual([]);
    expect(played([{ kind: 'answer', value: 'many' }, { kind: 'commit' }]).done).toEqual([]);
    const made = played(guess(60));
    expect(played([{ kind: 'answer', value: 97 }], made)).toEqual(made);
  });

  it('opens the way on when the check passes, counts what failed and shows hints in order', () => {
    const acting = played([...guess(60), { kind: 'next' }]);
    expect(mayGoOn(SMALL_LESSON, acting)).toBe(false);
    const tried = played([{ kind: 'failed' }, { kind: 'failed' }, { kind: 'hint' }, { kind: 'hint' }, { kind: 'hint' }], acting); // prettier-ignore
    expect(tried.attempts).toEqual([{ step: 'switch', failed: 2 }]);
    // There are two.
    expect(tried.hints).toEqual([{ step: 'switch', shown: 2 }]);
    const passed = played([{ kind: 'passed' }, { kind: 'failed' }], tried);
    expect(passed.attempts).toEqual(tried.attempts);
    expect(mayGoOn(SMALL_LESSON, passed)).toBe(true);
  });

  it('ends after the last question', () => {
    const thinking = played([...guess(60), { kind: 'next' }, { kind: 'passed' }, { kind: 'next' }, { kind: 'next' }]);
    expect(thinking.step).toBe(3);
    expect(thinking.finished).toBe(false);
    const done = played([{ kind: 'answer', value: 'large' }, { kind: 'commit' }, { kind: 'next' }], thinking);
    expect(done.finished).toBe(true);
    expect(done.done).toEqual(['guess', 'switch', 'look', 'think']);
    expect(played([{ kind: 'back' }], done).step).toBe(2);
  });

  it('holds a prediction against the truth within what counts as near', () => {
    const right = (value: number) => played([...guess(value), { kind: 'truth', step: 'guess', value: 62 }]).truths[0].right; // prettier-ignore
    expect([57, 67, 56.9, 67.1].map(right)).toEqual([true, true, false, false]);
  });

  it('says of what was not moved the same thing every time, or views that follow it would never come to rest', () => {
    const progress = begin(SMALL_LESSON, 'hash');
    expect(positionsOf(progress, 'guess')).toBe(positionsOf(progress, 'guess'));
  });

  it('keeps the best file, the smaller of two equal ones', () => {
    const files = [[0.9, 30], [0.97, 40], [0.97, 35], [0.95, 10]] as const; // prettier-ignore
    const best = played(files.map(([score, bytes]): Move => ({ kind: 'file', score, bytes }))).best;
    expect(best).toEqual({ score: 0.97, bytes: 35 });
  });
});
