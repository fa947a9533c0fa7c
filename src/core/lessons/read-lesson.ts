import type { z } from '../../base/zod';
import { RangefinderError } from '../../base/errors';
import { ExpressionError, parseExpression } from './expression';
import { JsonError, parseLocatedJson } from './located-json';
import { lessonSchema, type Lesson } from './schema';
import { expressionsOf, referencesOf } from './lesson-expressions';

/** Lessons are texts: one of more characters is none. */
const MOST_CHARACTERS = 400_000;

interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * @param text of the file
 * @throws RangefinderError 'corrupt-file' with the line and the reason of the first mistake, and all of them as details
 */
export function readLesson(text: string): Lesson {
  if (text.length > MOST_CHARACTERS)
    throw refused([
      { line: 1, message: `The file is longer than ${MOST_CHARACTERS.toLocaleString('en')} characters.` },
    ]);
  let located;
  try {
    located = parseLocatedJson(text);
  } catch (thrown) {
    if (thrown instanceof JsonError) throw refused([{ line: thrown.line, message: thrown.message }]);
    throw thrown;
  }
  const withLines = (mistakes: readonly Mistake[]) =>
    refused(
      mistakes.map(({ path, message }) => ({ line: located.lineOf(path), message: `${inWords(path)}${message}` })),
    );
  const parsed = lessonSchema.safeParse(located.value);
  if (!parsed.success) throw withLines(parsed.error.issues.map(mistakeOf));
  const mistakes = mistakesOf(parsed.data);
  if (mistakes.length > 0) throw withLines(mistakes);
  return parsed.data;
}

/** What no schema can say: expressions that do not parse, and names that lead nowhere or come twice. */
export function mistakesOf(lesson: Lesson): Mistake[] {
  const mistakes: Mistake[] = [];
  const seen = new Set<string>();
  lesson.steps.forEach((step, i) => {
    if (seen.has(step.id)) mistakes.push({ path: ['steps', i, 'id'], message: `two steps are called “${step.id}”.` });
    seen.add(step.id);
    if (step.kind === 'reflect' && step.input && step.right === undefined)
      mistakes.push({ path: ['steps', i], message: 'a question that is answered needs to say what is “right”.' });
  });
  for (const { path, source, wanted } of expressionsOf(lesson)) {
    try {
      const expression = parseExpression(source, wanted);
      for (const problem of referencesOf(lesson, path, expression)) mistakes.push({ path, message: problem });
    } catch (thrown) {
      if (!(thrown instanceof ExpressionError)) throw thrown;
      mistakes.push({ path, message: `column ${thrown.column} of “${source}”: ${thrown.message}` });
    }
  }
  lesson.steps.forEach((step, i) => {
    if (step.kind !== 'observe' || step.compare === undefined) return;
    const before = lesson.steps.slice(0, i).some(({ kind, id }) => kind === 'predict' && id === step.compare);
    if (!before)
      mistakes.push({ path: ['steps', i, 'compare'], message: `no prediction before is called “${step.compare}”.` });
  });
  return mistakes;
}

function mistakeOf(issue: z.core.$ZodIssue): Mistake {
  if (issue.code === 'unrecognized_keys')
    return { path: [...issue.path, issue.keys[0]], message: `no such entry is known: ${issue.keys.join(', ')}.` };
  return { path: issue.path, message: `${issue.message}${issue.message.endsWith('.') ? '' : '.'}` };
}

function inWords(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '';
  const steps = path.map((key, i) =>
    typeof key === 'number' ? `[${key + 1}]` : `${i === 0 ? '' : '.'}${String(key)}`,
  );
  return `${steps.join('')}: `;
}

function refused(mistakes: readonly { readonly line: number; readonly message: string }[]): RangefinderError {
  const details = [...mistakes].sort((a, b) => a.line - b.line).map(({ line, message }) => `Line ${line}: ${message}`);
  const [first] = details;
  return new RangefinderError({
    code: 'corrupt-file',
    message: `This is not a lesson that can be opened. ${first}`,
    where: first.slice(0, first.indexOf(':')).toLowerCase(),
    hint: 'Mend the line in the lesson editor, which checks as you type; schemas/lesson.json describes the format.',
    details,
  });
}
