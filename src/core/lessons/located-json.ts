/**
 * JSON that remembers where each value stands, so that a mistake in a lesson is told with its line. Grammar of RFC 8259;
 * names may come once only, and nesting is limited.
 */
export class JsonError extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
  }
}

export interface LocatedJson {
  readonly value: unknown;
  /** The line of the value at a path of names and indices, or of the nearest value around it; counted from 1. */
  lineOf(path: readonly PropertyKey[]): number;
}

const DEEPEST = 60;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

export function parseLocatedJson(text: string): LocatedJson {
  const lines = new Map<string, number>();
  const starts = lineStarts(text);
  let at = 0;

  const fail = (message: string, position = at): never => {
    throw new JsonError(message, lineAt(starts, position));
  };
  const skip = () => {
    while (at < text.length && ' \t\r\n'.includes(text[at])) at++;
  };
  const matched = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const string = (): string => {
    const from = at;
    const found = matched(STRING);
    return found === null ? fail('This text in quotation marks is not closed, or holds a wrong character.', from) : JSON.parse(found) as string; // prettier-ignore
  };
  const list = (close: string, item: () => void) => {
    at++;
    skip();
    if (text[at] === close) return void at++;
    for (;;) {
      item();
      skip();
      if (text[at] === close) return void at++;
      if (text[at] !== ',') fail(at >= text.length ? `The file ends before “${close}”.` : `A comma or “${close}” is missing here.`); // prettier-ignore
      at++;
      skip();
    }
  };

  const value = (path: string, depth: number): unknown => {
    skip();
    if (depth > DEEPEST) fail('This is nested too deeply.');
    lines.set(path, lineAt(starts, at));
    if (text[at] === '{') {
      const members = new Map<string, unknown>();
      list('}', () => {
        if (text[at] !== '"') fail('A name in quotation marks is missing here.');
        const from = at;
        const name = string();
        if (members.has(name)) fail(`“${name}” comes twice.`, from);
        skip();
        if (text[at] !== ':') fail(`A colon is missing after “${name}”.`);
        at++;
        members.set(name, value(`${path}/${name}`, depth + 1));
      });
      return Object.fromEntries(members);
    }
    if (text[at] === '[') {
      const items: unknown[] = [];
      list(']', () => items.push(value(`${path}/${items.length}`, depth + 1)));
      return items;
    }
    if (text[at] === '"') return string();
    for (const [word, meaning] of WORDS) {
      if (!text.startsWith(word, at)) continue;
      at += word.length;
      return meaning;
    }
    const number = matched(NUMBER);
    return number === null ? fail(at >= text.length ? 'The file ends where a value should be.' : 'A value is missing here.') : Number(number); // prettier-ignore
  };

  const whole = value('', 0);
  skip();
  if (at < text.length) fail('Something follows after the end.');
  return {
    value: whole,
    lineOf: (path) => {
      for (let length = path.length; length >= 0; length--) {
        const line = lines.get(path.slice(0, length).map((key) => `/${String(key)}`).join('')); // prettier-ignore
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(starts: readonly number[], position: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= position) low = middle;
    else high = middle;
  }
  return low + 1;
}
