/** A sweep as one page that needs nothing else. Everything from a file is escaped; no script runs in it. */
import { metricInfo, type MetricName } from '../../core/metrics/table';
import { valueText } from '../../core/metrics/words';
import { escaped, htmlPage, pairs } from './html-page';
import { bytesText } from './score-words';
import type { ModelSummary, SweepRow } from './sweep-summary';

export interface SweepHtmlParts {
  readonly name: string;
  readonly models: readonly ModelSummary[];
  /** What was given up, and why. */
  readonly failures: readonly { readonly name: string; readonly why: string }[];
  /** When, where and by what. */
  readonly environment: readonly (readonly [name: string, value: string])[];
}

export function sweepHtml({ name, models, failures, environment }: SweepHtmlParts): string {
  const trials = models.reduce((sum, { rows }) => sum + rows.reduce((of, { seeds }) => of + seeds, 0), 0);
  return htmlPage(
    name,
    `<h1>${escaped(name)}</h1>
<p class="quiet">${trials.toLocaleString('en')} trials of ${models.length === 1 ? 'one model' : `${models.length} models`}</p>
${models.map(modelPart).join('\n')}
${failures.length > 0 ? `<h2>Given up</h2>${pairs(failures.map((failure) => [failure.name, failure.why]))}` : ''}
<h2>Environment</h2>
${pairs(environment)}`,
  );
}

function modelPart({ model, rows }: ModelSummary): string {
  const heads = ['Configuration', 'Score', 'Answers changed', 'File', 'Constants', 'Refused by'];
  const [left, ...others] = heads.map((head) => escaped(head));
  const body = rows.map((row) => {
    const cells = [
      scoreText(row),
      changedText(row),
      fileText(row),
      bytesText(row.constantBytes),
      row.refusedBy.join(', '),
    ];
    return `<tr><td>${row.onFront ? '<b>' : ''}${escaped(row.name)}${row.onFront ? '</b>' : ''}</td>${cells.map((cell) => `<td class="n">${escaped(cell)}</td>`).join('')}</tr>`;
  });
  return `<h2>${escaped(model)}</h2>
<p class="quiet">In bold what no other configuration beats in both the bytes of its constants and its score${floatText(rows)}.</p>
${scatter(rows)}
<table><thead><tr><th>${left}</th>${others.map((head) => `<th class="n">${head}</th>`).join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}

const floatText = ([first]: readonly SweepRow[]) =>
  first && first.float !== null ? `; float: ${escaped(valueText(first.metric, first.float))}` : '';

/** "72.31 % ± 0.40", the standard deviation over the seeds. */
export function scoreText({ metric, score, deviation }: SweepRow): string {
  if (score === null) return '–';
  return deviation === null ? valueText(metric, score) : `${valueText(metric, score)} ± ${spread(metric, deviation)}`;
}

const spread = (metric: MetricName, deviation: number) =>
  metricInfo(metric).unit === 'share' ? (100 * deviation).toFixed(2) : String(Number(deviation.toPrecision(2)));

export const changedText = ({ changed }: SweepRow): string =>
  changed === null ? '–' : `${(100 * changed).toFixed(1)} %`;

export const fileText = ({ fileBytes }: SweepRow): string => (fileBytes === null ? 'no file' : bytesText(fileBytes));

const WIDTH = 860;
const HEIGHT = 260;
const EDGE = { left: 60, right: 16, top: 10, bottom: 34 };

/** Bytes of the constants against the score; the front is a line. */
function scatter(rows: readonly SweepRow[]): string {
  const shown = rows.filter((row) => row.score !== null);
  const [first] = shown;
  if (!first || shown.length < 2) return '';
  const x = scale(
    shown.map(({ constantBytes }) => constantBytes),
    EDGE.left,
    WIDTH - EDGE.right,
  );
  const [low, high] = [HEIGHT - EDGE.bottom, EDGE.top];
  const [from, to] = metricInfo(first.metric).higherIsBetter ? [low, high] : [high, low];
  const y = scale(
    shown.map(({ score }) => score!),
    from,
    to,
  );
  const at = (row: SweepRow) => `${x(row.constantBytes).toFixed(1)},${y(row.score!).toFixed(1)}`;
  const front = shown.filter(({ onFront }) => onFront).toSorted((a, b) => a.constantBytes - b.constantBytes);
  const dots = shown.map((row) => {
    const [cx, cy] = at(row).split(',');
    const words = `${row.name}: ${scoreText(row)}, ${bytesText(row.constantBytes)}`;
    return `<circle cx="${cx}" cy="${cy}" r="${row.onFront ? 5 : 3.5}" fill="var(${row.onFront ? '--quant' : '--quiet'})"><title>${escaped(words)}</title></circle>`;
  });
  const label = (px: number, py: number, anchor: string, text: string) =>
    `<text x="${px}" y="${py}" text-anchor="${anchor}" font-size="11" fill="var(--quiet)">${escaped(text)}</text>`;
  const bytes = shown.map(({ constantBytes }) => constantBytes);
  const scores = shown.map(({ score }) => score!);
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Constants against score; the table has the same">
<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${low}" y2="${low}" stroke="var(--line)"/>
<polyline points="${front.map(at).join(' ')}" fill="none" stroke="var(--quant)"/>
${dots.join('\n')}
${label(EDGE.left, HEIGHT - 16, 'start', bytesText(Math.min(...bytes)))}${label(WIDTH - EDGE.right, HEIGHT - 16, 'end', bytesText(Math.max(...bytes)))}
${label(EDGE.left - 6, y(Math.max(...scores)) + 4, 'end', valueText(first.metric, Math.max(...scores)))}${label(EDGE.left - 6, y(Math.min(...scores)) + 4, 'end', valueText(first.metric, Math.min(...scores)))}
${label((EDGE.left + WIDTH) / 2, HEIGHT - 2, 'middle', `Constants against ${metricInfo(first.metric).label.toLowerCase()}`)}
</svg>`;
}

function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => from + ((value - low) / (high - low || 1)) * (to - from);
}
