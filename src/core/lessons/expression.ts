/**
 * Checks of lessons: `score("file") >= 97% and granularity() = "tensor"`. A small language that can compare and add up what
 * vocabulary.ts lists, and nothing else: it has no variables, no loops and no way out, so that a lesson from anywhere can be
 * opened. Parsed and type-checked when a lesson is read; a mistake is told with its column.
 */
import { factOf, FUNCTIONS, UNITS, type FactName, type FunctionName, type Value, type ValueType } from './vocabulary';

export type Expression =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'fact'; readonly name: FactName; readonly args: readonly string[] }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Expression[] }
  | { readonly kind: 'not' | 'minus'; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression };

export type Operator = 'or' | 'and' | '<' | '<=' | '>' | '>=' | '=' | '!=' | '+' | '-' | '*' | '/';

/** What is wrong with an expression, and at which character, counted from 1. */
export class ExpressionError extends Error {
  constructor(
    message: string,
    readonly column: number,
  ) {
    super(message);
  }
}

/** A longer check is no check; and each nesting costs a call. */
const MOST_CHARACTERS = 500;
const DEEPEST = 40;

interface Token {
  readonly kind: 'number' | 'text' | 'word' | 'sign' | 'end';
  readonly text: string;
  readonly column: number;
}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|"([^"]*)"|([A-Za-z][A-Za-z0-9]*)|(<=|>=|!=|[<>=+\-*/(),%]))/y;

function tokens(source: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const from = TOKEN.lastIndex;
    const rest = source.slice(from);
    if (rest.trim() === '') break;
    const match = TOKEN.exec(source);
    const column = from + rest.length - rest.trimStart().length + 1;
    if (!match) throw new ExpressionError(`“${source[column - 1]}” has no meaning in a check.`, column);
    const [, number, text, word, sign] = match;
    if (number !== undefined) found.push({ kind: 'number', text: number, column });
    else if (text !== undefined) found.push({ kind: 'text', text, column });
    else if (word !== undefined) found.push({ kind: 'word', text: word, column });
    else found.push({ kind: 'sign', text: sign, column });
  }
  return [...found, { kind: 'end', text: 'the end', column: source.length + 1 }];
}

interface Typed {
  readonly expression: Expression;
  readonly type: ValueType;
  readonly column: number;
}

/** Binary operators, the loosest first. */
const LEVELS: readonly (readonly Operator[])[] = [
  ['or'],
  ['and'],
  ['<', '<=', '>', '>=', '=', '!='],
  ['+', '-'],
  ['*', '/'],
];
const LOGICAL: readonly Operator[] = ['or', 'and'];
const COMPARING = LEVELS[2];

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Typed {
    const typed = this.level(0);
    const { kind, text, column } = this.next;
    if (kind !== 'end') throw new ExpressionError(`“${text}” comes after the end of the check.`, column);
    return typed;
  }

  private get next(): Token {
    return this.tokens[this.at];
  }

  private take(text: string): boolean {
    const { kind, text: found } = this.next;
    if ((kind !== 'sign' && kind !== 'word') || found !== text) return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (!this.take(text))
      throw new ExpressionError(`“${text}” is missing before ${named(this.next)}.`, this.next.column);
  }

  private level(level: number): Typed {
    const operators = LEVELS[level];
    if (!operators) return this.unary();
    let left = this.level(level + 1);
    for (;;) {
      const { column } = this.next;
      const operator = operators.find((candidate) => this.take(candidate));
      if (!operator) return left;
      const right = this.level(level + 1);
      left = { expression: { kind: 'binary', operator, left: left.expression, right: right.expression }, type: this.typeOf(operator, left, right), column }; // prettier-ignore
      // A chain of comparisons, as in 1 < x < 2, compares a truth with a number: refused by their types.
    }
  }

  private typeOf(operator: Operator, left: Typed, right: Typed): ValueType {
    if (LOGICAL.includes(operator)) {
      for (const side of [left, right]) wants(side, 'truth', `“${operator}” joins what is true or false`);
      return 'truth';
    }
    if (operator === '=' || operator === '!=') {
      if (left.type !== 'any' && right.type !== 'any' && left.type !== right.type)
        throw new ExpressionError(`A ${left.type} is compared with a ${right.type}.`, right.column);
      return 'truth';
    }
    for (const side of [left, right]) wants(side, 'number', `“${operator}” takes numbers`);
    return COMPARING.includes(operator) ? 'truth' : 'number';
  }

  private unary(): Typed {
    if (++this.depth > DEEPEST) throw new ExpressionError('The check is nested too deeply.', this.next.column);
    const { column } = this.next;
    try {
      if (this.take('not')) {
        const operand = this.unary();
        wants(operand, 'truth', '“not” takes what is true or false');
        return { expression: { kind: 'not', operand: operand.expression }, type: 'truth', column };
      }
      if (this.take('-')) {
        const operand = this.unary();
        wants(operand, 'number', '“-” takes numbers');
        return { expression: { kind: 'minus', operand: operand.expression }, type: 'number', column };
      }
      return this.primary();
    } finally {
      this.depth--;
    }
  }

  private primary(): Typed {
    const { kind, text, column } = this.next;
    if (this.take('(')) {
      const inner = this.level(0);
      this.expect(')');
      return inner;
    }
    this.at++;
    if (kind === 'number') {
      const factor = UNITS.get(this.next.text);
      if (factor !== undefined && this.next.kind !== 'text') this.at++;
      return { expression: { kind: 'value', value: Number(text) * (factor ?? 1) }, type: 'number', column };
    }
    if (kind === 'text') return { expression: { kind: 'value', value: text }, type: 'text', column };
    if (kind === 'word' && (text === 'true' || text === 'false'))
      return { expression: { kind: 'value', value: text === 'true' }, type: 'truth', column };
    if (kind === 'word') return this.called(text, column);
    throw new ExpressionError(`A value is missing before ${named({ kind, text, column })}.`, column);
  }

  private called(name: string, column: number): Typed {
    const args = this.args();
    if (Object.hasOwn(FUNCTIONS, name)) return this.functionCall(name as FunctionName, args, column);
    const fact = factOf(name);
    if (!fact) throw new ExpressionError(`“${name}” is not among the words that checks know.`, column);
    counted(name, fact.parameters.length, args, column);
    const texts = fact.parameters.map(({ name: parameter, oneOf }, i) => {
      const { expression, column: where } = args[i];
      if (expression.kind !== 'value' || typeof expression.value !== 'string')
        throw new ExpressionError(`“${name}” wants its ${parameter} in quotation marks.`, where);
      if (oneOf && !oneOf.includes(expression.value))
        throw new ExpressionError(`“${expression.value}” is no ${parameter} of “${name}”: ${oneOf.join(', ')}.`, where);
      return expression.value;
    });
    return { expression: { kind: 'fact', name: name as FactName, args: texts }, type: fact.type, column };
  }

  private functionCall(name: FunctionName, args: readonly Typed[], column: number): Typed {
    counted(name, FUNCTIONS[name].arity, args, column);
    for (const arg of args) wants(arg, 'number', `“${name}” takes numbers`);
    const expression: Expression = { kind: 'call', name, args: args.map((arg) => arg.expression) };
    return { expression, type: name === 'within' ? 'truth' : 'number', column };
  }

  private args(): Typed[] {
    const args: Typed[] = [];
    if (!this.take('(')) return args;
    if (this.take(')')) return args;
    do args.push(this.level(0));
    while (this.take(','));
    this.expect(')');
    return args;
  }
}

function named({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : `“${text}”`;
}

function counted(name: string, wanted: number, args: readonly Typed[], column: number): void {
  if (args.length !== wanted)
    throw new ExpressionError(`“${name}” takes ${wanted} in its parentheses, not ${args.length}.`, column);
}

function wants({ type, column }: Typed, wanted: ValueType, rule: string): void {
  if (type !== wanted && type !== 'any') throw new ExpressionError(`${rule}, not a ${type}.`, column);
}

/**
 * @param wanted what it has to come to; 'any' for figures, which may be anything
 * @throws ExpressionError with the column
 */
export function parseExpression(source: string, wanted: ValueType = 'truth'): Expression {
  if (source.length > MOST_CHARACTERS)
    throw new ExpressionError(`A check has at most ${MOST_CHARACTERS} characters.`, MOST_CHARACTERS + 1);
  const typed = new Parser(tokens(source)).whole();
  if (wanted !== 'any' && typed.type !== 'any' && typed.type !== wanted)
    throw new ExpressionError(`This comes to a ${typed.type}, where a ${wanted} is wanted.`, 1);
  return typed.expression;
}
