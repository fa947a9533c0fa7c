import { roundedEqual } from './rounded-equal';
import type { Expression, Operator } from './expression';
import type { FactName, FunctionName, Value } from './vocabulary';

/** Answers what is known of the studio; undefined where it is not known yet. */
export type Facts = (name: FactName, args: readonly string[]) => Value | undefined;

/**
 * The value of an expression, undefined as long as what it rests on is not known. Of "and" and "or" one side may decide
 * alone: a check fails as soon as one of its conditions does, though others wait for a measurement.
 */
export function evaluate(expression: Expression, facts: Facts): Value | undefined {
  switch (expression.kind) {
    case 'value':
      return expression.value;
    case 'fact':
      return facts(expression.name, expression.args);
    case 'not': {
      const value = evaluate(expression.operand, facts);
      return value === undefined ? undefined : !value;
    }
    case 'minus':
      return onNumbers([expression.operand], facts, ([x]) => -x);
    case 'call':
      return onNumbers(expression.args, facts, (values) => FUNCTION[expression.name](values));
    case 'binary':
      return binary(expression.operator, expression.left, expression.right, facts);
  }
}

function binary(operator: Operator, left: Expression, right: Expression, facts: Facts): Value | undefined {
  if (operator === 'and' || operator === 'or') {
    const decisive = operator === 'or';
    const sides = [evaluate(left, facts), evaluate(right, facts)];
    if (sides.some((side) => side === decisive)) return decisive;
    return sides.some((side) => side === undefined) ? undefined : !decisive;
  }
  if (operator === '=' || operator === '!=') {
    const [a, b] = [evaluate(left, facts), evaluate(right, facts)];
    if (a === undefined || b === undefined) return undefined;
    const equal = typeof a === 'number' && typeof b === 'number' ? roundedEqual(a, b) : a === b;
    return operator === '=' ? equal : !equal;
  }
  return onNumbers([left, right], facts, ([a, b]) => ARITHMETIC[operator](a, b));
}

const ARITHMETIC: Readonly<
  Record<Exclude<Operator, 'and' | 'or' | '=' | '!='>, (a: number, b: number) => number | boolean>
> = {
  '<': (a, b) => a < b && !roundedEqual(a, b),
  '<=': (a, b) => a < b || roundedEqual(a, b),
  '>': (a, b) => a > b && !roundedEqual(a, b),
  '>=': (a, b) => a > b || roundedEqual(a, b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

const FUNCTION: Readonly<Record<FunctionName, (values: readonly number[]) => number | boolean>> = {
  abs: ([x]) => Math.abs(x),
  min: ([a, b]) => Math.min(a, b),
  max: ([a, b]) => Math.max(a, b),
  within: ([a, b, share]) => Math.abs(a - b) <= share * Math.abs(b) * (1 + 1e-9),
};

function onNumbers(
  operands: readonly Expression[],
  facts: Facts,
  compute: (values: readonly number[]) => number | boolean,
): Value | undefined {
  const values = operands.map((operand) => evaluate(operand, facts));
  if (!values.every((value) => typeof value === 'number')) return undefined;
  const result = compute(values);
  return typeof result === 'number' && Number.isNaN(result) ? undefined : result;
}
