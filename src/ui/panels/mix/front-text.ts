/** Points of a front in words and as a table to take along. */
import { lookup } from '../../../base/lookup';
import { PRECISIONS, precisionOf, type Precisions } from '../../../core/search/precisions';
import type { SearchCost, SearchPoint, SearchQuality, SearchResult } from '../../../jobs/contract/search-protocol';
import { energy } from '../cost/units';
import { bytes, decibels, scoreText } from '../../parts/format';

type Figures = Pick<SearchPoint, 'bytes' | 'picojoules' | 'score' | 'sqnrDb'>;

export const costOf = (point: Figures, cost: SearchCost) => (cost === 'size' ? point.bytes : point.picojoules);
export const qualityOf = (point: Figures, quality: SearchQuality) =>
  quality === 'score' ? point.score.value : point.sqnrDb;

export const costText = (value: number, cost: SearchCost) => (cost === 'size' ? bytes(value) : energy(value));

export function qualityText({ score, sqnrDb }: Figures, quality: SearchQuality): string {
  return quality === 'score' ? scoreText(score) : decibels(sqnrDb);
}

/** "6 × INT4, 4 × INT8", the narrowest first. */
export function countsText(precisions: Precisions): string {
  const all = Object.values(precisions);
  return PRECISIONS.map(({ id, label }) => ({ label, count: all.filter((each) => each === id).length }))
    .filter(({ count }) => count > 0)
    .map(({ label, count }) => `${count} × ${label}`)
    .join(', ');
}

/** One standard error of a share of right answers, in points. At least half an answer: none wrong does not mean none ever. */
export function chanceText(share: number, samples: number): string {
  const likely = Math.min(Math.max(share, 0.5 / samples), 1 - 0.5 / samples);
  return `${(100 * Math.sqrt((likely * (1 - likely)) / samples)).toFixed(1)} points`;
}

const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One line a point, its figures and then each layer's precision. */
export function frontCsv({ front, layers }: SearchResult): string {
  const header = ['bytes', 'alu_picojoules', 'metric', 'score', 'output_sqnr_db', 'tflite', ...layers];
  const lines = front.map(({ precisions, score, sqnrDb, storable, ...point }) => [
    String(Math.round(point.bytes)),
    String(Math.round(point.picojoules)),
    score.metric,
    String(score.value),
    Number.isFinite(sqnrDb) ? sqnrDb.toFixed(3) : '',
    storable ? 'yes' : 'no',
    ...layers.map((op) => precisionOf(lookup(precisions, op)!)?.label ?? ''),
  ]);
  return [header, ...lines].map((cells) => cells.map(quoted).join(',')).join('\n') + '\n';
}
