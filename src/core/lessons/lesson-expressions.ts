import type { Expression } from './expression';
import { figureNumbers } from './figures/table';
import type { Lesson } from './schema';
import type { ValueType } from './vocabulary';

export interface LocatedExpression {
  readonly path: readonly (string | number)[];
  readonly source: string;
  /** What it has to come to. */
  readonly wanted: ValueType;
}

/** Every expression of a lesson, where it stands and what is asked of it. */
export function expressionsOf({ steps }: Lesson): LocatedExpression[] {
  return steps.flatMap((step, i): LocatedExpression[] => {
    if (step.kind === 'predict')
      return [
        { path: ['steps', i, 'truth'], source: step.truth, wanted: step.input.type === 'choice' ? 'text' : 'number' },
      ];
    if (step.kind === 'act') return [{ path: ['steps', i, 'check'], source: step.check, wanted: 'truth' }];
    if (step.kind === 'observe')
      return step.figures.map(({ value }, n) => ({ path: ['steps', i, 'figures', n, 'value'], source: value, wanted: 'any' })); // prettier-ignore
    return [];
  });
}

/** What an expression refers to that is not there: steps, fields, records and numbers of figures. */
export function referencesOf(
  { steps }: Lesson,
  path: readonly (string | number)[],
  expression: Expression,
): readonly string[] {
  if (expression.kind === 'fact') {
    const index = path[1] as number;
    const step = steps[index];
    const [name = ''] = expression.args;
    const before = steps.slice(0, index + 1);
    const records = before.flatMap((one) => (one.kind === 'observe' ? one.figures.map(({ record }) => record) : []));
    // A truth is asked for later, by the step that compares, so that it may read what only that one shows.
    const figures = step.kind === 'predict' ? steps : before;
    const numbers = figures.flatMap(({ figure }) => (figure ? figureNumbers(figure) : []));
    const known: Partial<Record<string, readonly (string | undefined)[]>> = {
      prediction: before.filter(({ kind }) => kind === 'predict').map(({ id }) => id),
      field: step.kind === 'act' ? step.fields.map(({ id }) => id) : [],
      recorded: step.kind === 'predict' ? steps.flatMap((one) => (one.kind === 'observe' ? one.figures.map(({ record }) => record) : [])) : records, // prettier-ignore
      figure: numbers,
    };
    const names = known[expression.name];
    return !names || names.includes(name) ? [] : [`nothing is there for ${expression.name}("${name}").`];
  }
  if (expression.kind === 'value') return [];
  const parts =
    expression.kind === 'binary'
      ? [expression.left, expression.right]
      : expression.kind === 'call'
        ? expression.args
        : [expression.operand];
  return parts.flatMap((part) => referencesOf({ steps } as Lesson, path, part));
}
