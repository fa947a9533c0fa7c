import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../base/errors';
import { SMALL_LESSON } from '../../testing/builders/small-lesson';
import { readLesson } from './read-lesson';

const TEXT = JSON.stringify(SMALL_LESSON, null, 2);
const lineOf = (part: string) => TEXT.slice(0, TEXT.indexOf(part)).split('\n').length;

function refusal(text: string): RangefinderError {
  try {
    readLesson(text);
  } catch (thrown) {
    if (thrown instanceof RangefinderError) return thrown;
    throw thrown;
  }
  throw new Error('was not refused');
}

/** The lesson with one thing changed in its text. */
const changed = (from: string, to: string) => {
  expect(TEXT).toContain(from);
  return TEXT.replace(from, to);
};

describe('reading a lesson', () => {
  it('gives back what was written', () => {
    expect(readLesson(TEXT)).toEqual(SMALL_LESSON);
  });

  it.each([
    ['an unknown kind', '"kind": "rangefinder-lesson"', '"kind": "quiz"', 'kind', /rangefinder-lesson/],
    ['a newer version', '"version": 1', '"version": 2', '"version"', /version/],
    ['no title', '"title": "One scale for all"', '"title": ""', '"title"', /title/],
    ['too long a lesson', '"minutes": 5', '"minutes": 50', '"minutes"', /15/],
    ['an id with a space', '"id": "small"', '"id": "my lesson"', '"id": "small"', /lower-case/],
    ['an entry nobody knows', '"minutes": 5', '"minutes": 5, "script": "alert(1)"', '"minutes"', /script/],
    ['a kind of step nobody knows', '"kind": "act"', '"kind": "play"', '"kind": "act"', /steps\[2\]/],
    ['a check that does not parse', 'granularity() = \\"channel\\"', 'granularity( = 1', '"check"', /column 14/],
    ['a check that is code', 'granularity() = \\"channel\\"', 'window.alert(1)', '"check"', /column 7/],
    ['a check of what is not filled in', 'field(\\"why\\")', 'field(\\"how\\")', '"check"', /field\("how"\)/],
    [
      'a number where a text is wanted',
      '"goal": "One scale per channel"',
      '"goal": 3',
      '"goal": "One scale per',
      /expected string/,
    ],
    ['a step twice', '"id": "look"', '"id": "guess"', '"id": "look"', /two steps/],
    ['a comparison with nothing', '"compare": "guess"', '"compare": "nobody"', '"compare"', /no prediction/],
    ['an answer without a right one', '"right": "small",', '', '"id": "think"', /right/],
    ['a link that is a script', 'https://arxiv.org/abs/1906.04721', 'javascript:alert(1)', '"link"', /link/],
    ['a comma too few', '"version": 1,', '"version": 1', '"id": "small"', /comma/],
    ['a name twice', '"version": 1,', '"version": 1, "version": 1,', '"version": 1', /twice/],
    ['an open quotation mark', '"summary": "What', '"summary": What', '"summary"', /value is missing/],
  ])('%s is refused with its line', (_, from, to, at, message) => {
    const error = refusal(changed(from, to));
    expect(error.code).toBe('corrupt-file');
    expect(error.message).toMatch(message);
    // A broken step is told by where the step begins or by what is wrong in it.
    const line = Number(/Line (\d+)/.exec(error.message)![1]);
    expect(Math.abs(line - lineOf(at))).toBeLessThanOrEqual(1);
    expect(error.where).toBe(`line ${line}`);
  });

  it.each(['', '[]', 'null', '{"kind"', '"lesson"', '{"a": 1e}', '{'.repeat(100), `{"a":${'['.repeat(100)}`])(
    'refuses %s as no lesson',
    (text) => expect(refusal(text).code).toBe('corrupt-file'),
  );

  it('tells all mistakes at once', () => {
    const text = changed('"minutes": 5', '"minutes": 50').replace('"near": 5', '"near": -5');
    expect(refusal(text).details).toHaveLength(2);
  });

  it('keeps names that every object has', () => {
    const text = changed('"id": "small"', '"id": "constructor"');
    expect(readLesson(text).id).toBe('constructor');
  });
});
