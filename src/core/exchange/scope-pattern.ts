/**
 * The regular expressions of recipes, as patterns in which * stands for anything. Only what has such a pattern is read:
 * a matcher of patterns looks for each part once, whereas an expression of a stranger's may take forever.
 */
import { RangefinderError } from '../../base/errors';

/** Alternatives that groups multiply to; no recipe names more by hand. */
const MOST_PATTERNS = 64;
const PUNCTUATION = /[^\w\s]/;

/**
 * The patterns of names in which Python's `re.search` finds the expression: letters, escaped punctuation, `.*`, `^`, `$`,
 * and alternatives, in groups or not.
 * @throws RangefinderError 'unsupported-feature' naming the construct it does not read
 */
export function patternsOf(regex: string): readonly string[] {
  const parser = new Parser(regex);
  const patterns = parser.alternatives();
  if (!parser.ended) parser.refuse(')');
  // Both ends are open unless the expression ties them down.
  return [...new Set(patterns.map((one) => tied(one)))];
}

const START = '\u0002';
const END = '\u0003';

function tied(pattern: string): string {
  const begun = pattern.startsWith(START) ? pattern.slice(1) : `*${pattern}`;
  const whole = begun.endsWith(END) ? begun.slice(0, -1) : `${begun}*`;
  return whole.replace(/\*+/g, '*');
}

/** The expression of exactly the names of a pattern. */
export function regexOf(pattern: string): string {
  return `^${pattern.split('*').map(escaped).join('.*')}$`;
}

const escaped = (text: string) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&');

class Parser {
  #at = 0;

  constructor(readonly regex: string) {}

  get ended(): boolean {
    return this.#at >= this.regex.length;
  }

  refuse(construct: string): never {
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `The recipe's expression "${this.regex.slice(0, 200)}" uses ${construct} at place ${this.#at + 1}.`,
      hint: 'Use names, .*, ^, $ and alternatives with |; write a backslash before other punctuation.',
    });
  }

  alternatives(): string[] {
    const all = this.#sequence();
    while (this.regex[this.#at] === '|') {
      this.#at++;
      all.push(...this.#sequence());
    }
    return this.#few(all);
  }

  #few(patterns: string[]): string[] {
    return patterns.length > MOST_PATTERNS ? this.refuse(`more than ${MOST_PATTERNS} alternatives`) : patterns;
  }

  #sequence(): string[] {
    let all = [''];
    while (!this.ended && !'|)'.includes(this.regex[this.#at])) {
      const parts = this.#part();
      all = this.#few(all.flatMap((before) => parts.map((part) => before + part)));
    }
    const misplaced = all.some((one) => one.lastIndexOf(START) > 0 || (one.includes(END) && !one.endsWith(END)));
    const doubled = all.some((one) => one.split(END).length > 2);
    return misplaced || doubled ? this.refuse('^ or $ amid a name') : all;
  }

  #part(): string[] {
    const letter = this.regex[this.#at];
    if (letter === '(') return this.#group();
    this.#at++;
    if (letter === '^') return [START];
    if (letter === '$') return [END];
    if (letter === '\\') return [this.#literal(this.#escaped())];
    if (letter === '.') return this.regex[this.#at] === '*' ? this.#anything() : this.refuse('a dot for one character');
    if ('*+?[]{}'.includes(letter)) return this.refuse(`"${letter}"`);
    return [this.#literal(letter)];
  }

  #anything(): string[] {
    this.#at++;
    if (this.regex[this.#at] === '?') this.#at++; // Lazy or not: it stands for the same names.
    return ['*'];
  }

  /** A letter that stands for itself, once. */
  #literal(letter: string): string {
    if (letter === '*') this.refuse('a star as a character');
    if ('*+?{'.includes(this.regex[this.#at] ?? ' ')) this.refuse(`"${this.regex[this.#at]}" after a character`);
    return letter;
  }

  #escaped(): string {
    const letter = this.regex[this.#at++];
    return letter !== undefined && PUNCTUATION.test(letter) ? letter : this.refuse(`"\\${letter ?? ''}"`);
  }

  #group(): string[] {
    this.#at += this.regex.startsWith('(?:', this.#at) ? 3 : 1;
    const all = this.alternatives();
    if (this.regex[this.#at] !== ')') this.refuse('a group that does not end');
    this.#at++;
    if ('*+?{'.includes(this.regex[this.#at] ?? ' ')) this.refuse(`"${this.regex[this.#at]}" after a group`);
    return all;
  }
}
