import { describe, expect, it } from 'vitest';
import { evaluate, type Facts } from './evaluate';
import { ExpressionError, parseExpression } from './expression';

const KNOWN = new Map<string, number | string | boolean>([
  ['score file', 0.968],
  ['granularity', 'tensor'],
  ['sqnr conv', 31.5],
  ['verified', true],
]);
const facts: Facts = (name, args) => KNOWN.get([name, ...args].join(' '));
const valueOf = (source: string) => evaluate(parseExpression(source, 'any'), facts);

describe('a check', () => {
  it.each([
    ['score("file") >= 96.8%', true],
    ['score("file") > 96.8%', false],
    ['granularity() = "channel" or verified()', true],
    ['granularity = "tensor" and not verified()', false],
    ['2 + 3 * 4', 14],
    ['(2 + 3) * 4 - -1', 21],
    ['10 - 4 - 3', 3],
    ['33.6 kB', 33_600],
    ['within(1.05, 1, 5%)', true],
    ['within(1.06, 1, 5%)', false],
    ['min(3, max(1, 2)) = 2', true],
    ['abs(sqnr("conv") - 30) < 2', true],
    ['0.1 + 0.2 = 0.3', true],
  ])('%s is %s', (source, expected) => {
    expect(valueOf(source)).toEqual(typeof expected === 'number' ? expect.closeTo(expected, 9) : expected);
  });

  it('is open for as long as something is not measured, unless the rest decides alone', () => {
    expect(valueOf('outputSqnr() > 10')).toBeUndefined();
    expect(valueOf('outputSqnr() > 10 and granularity() = "channel"')).toBe(false);
    expect(valueOf('outputSqnr() > 10 or verified()')).toBe(true);
    expect(valueOf('not (sqnr("nowhere") > 3)')).toBeUndefined();
  });

  it.each([
    ['score("file") >=', 17, /missing before the end/],
    ['score(file) > 1', 7, /not among the words/],
    ['score("fil") > 1', 7, /no of of “score”|is no/],
    ['speed() > 1', 1, /“speed” is not among/],
    ['score("file") > "much"', 17, /takes numbers/],
    ['granularity() = 3', 17, /text is compared with a number/],
    ['1 < 2 < 3', 3, /takes numbers/],
    ['score() > 1', 1, /takes 1 in its parentheses, not 0/],
    ['sqnr(conv) > 1', 6, /not among/],
    ['sqnr(3) > 1', 6, /quotation marks/],
    ['verified() and 3', 16, /true or false/],
    ['(1 + 2', 7, /“\)” is missing/],
    ['1 2', 3, /after the end/],
    ['fetch("x"); 1', 11, /“;” has no meaning/],
    ['constructor()', 1, /not among/],
    ['score("file")', 1, /where a truth is wanted/],
    ['('.repeat(60) + '1' + ')'.repeat(60) + ' = 1', 41, /too deeply/],
  ])('%s is refused at column %i', (source, column, message) => {
    let thrown: unknown;
    try {
      parseExpression(source);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ExpressionError);
    expect((thrown as ExpressionError).message).toMatch(message);
    expect((thrown as ExpressionError).column).toBe(column);
  });
});
