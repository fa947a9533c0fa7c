import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { arch, platform } from 'node:os';
import { valueText } from '../../core/metrics/words';
import { changedText, fileText, scoreText, sweepHtml } from '../../jobs/reports/sweep-html';
import { summaryOf, type ModelSummary } from '../../jobs/reports/sweep-summary';
import type { SweepReportArgs } from '../options/sweep-options';
import { checkWritable } from '../files';
import { SweepFolder, type Failure } from '../sweep/folder';
import { bytes, textTable } from '../text-table';

/** Rows of a table besides the front: those that come nearest. */
const MOST_OTHERS = 20;

/** Prints what a sweep has found so far; it may still be going on. */
export function sweepReport({ folder: path, html }: SweepReportArgs): void {
  if (html !== undefined) checkWritable(html);
  const folder = new SweepFolder(resolve(path));
  folder.checkThere();
  const models = printSummary(folder);
  if (html === undefined) return;
  const failures = folder.failures().map(({ name, error }) => ({ name, why: error.message }));
  const environment: [string, string][] = [
    ['Made', new Date().toISOString()],
    ['Node', `${process.version} on ${platform()} ${arch()}`],
    ['Folder', basename(folder.path)],
  ];
  writeFileSync(html, sweepHtml({ name: nameOf(folder), models, failures, environment }));
}

export function printSummary(folder: SweepFolder): readonly ModelSummary[] {
  const models = summaryOf(folder.done());
  const words = [...models.map(modelText), failureText(folder.failures())].filter(Boolean).join('\n\n');
  process.stdout.write(words === '' ? 'No trial is done yet.\n' : `${words}\n`);
  return models;
}

function modelText({ model, rows }: ModelSummary): string {
  const front = rows.filter(({ onFront }) => onFront);
  const others = rows.filter(({ onFront }) => !onFront);
  const shown = [...front, ...others.slice(0, MOST_OTHERS)];
  const table = textTable([
    ['', 'score', 'changed', 'file', 'constants', 'refused by'],
    ...shown.map((row) => [
      `${row.onFront ? '* ' : '  '}${row.name}`,
      scoreText(row),
      changedText(row),
      fileText(row),
      bytes(Math.round(row.constantBytes)),
      row.refusedBy.join(', '),
    ]),
  ]);
  const [first] = rows;
  const float = first && first.float !== null ? `, float ${valueText(first.metric, first.float)}` : '';
  const left = others.length > MOST_OTHERS ? `\n  and ${others.length - MOST_OTHERS} more` : '';
  return `${model}: ${rows.length} configurations${float}; * nothing beats it in both constants and score\n${table}${left}`;
}

function failureText(failures: readonly Failure[]): string {
  return failures.map(({ key, name, error }) => `given up: ${name} (${key.slice(0, 8)}): ${error.message}`).join('\n');
}

function nameOf(folder: SweepFolder): string {
  const plan: unknown = JSON.parse(readFileSync(join(folder.path, 'sweep.json'), 'utf8'));
  return typeof plan === 'object' && plan !== null && 'name' in plan ? String(plan.name) : 'sweep';
}
