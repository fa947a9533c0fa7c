import { describe, expect, it } from 'vitest';
import { printable, shortened } from './printable';

describe('text for a terminal', () => {
  it('shows what would move the cursor or turn the direction', () => {
    expect(printable('a\u001b[2Jb\r\u009b1m\u202ecod')).toBe('a\\u001b[2Jb\\u000d\\u009b1m\\u202ecod');
  });

  it('keeps letters of all scripts, tabs and lines', () => {
    expect(printable('Ä\tפלט\n猫 – “x” …')).toBe('Ä\tפלט\n猫 – “x” …');
  });

  it('is cut in the middle', () => {
    expect(shortened('abcdefghij', 10)).toBe('abcdefghij');
    expect(shortened('abcdefghijk', 7)).toBe('abc…ijk');
    expect(shortened('n'.repeat(5000))).toHaveLength(80);
  });
});
