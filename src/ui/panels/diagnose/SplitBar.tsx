import { PARTS, partShares, splitSqnrDb, type ErrorSplit, type Part } from '../../../core/metrics/error-split';
import { percent } from '../../parts/format';
import { Tip } from '../../parts/Tip';

export const PART_LABELS: Readonly<Record<Part, { readonly label: string; readonly explain: string }>> = {
  clipping: { label: 'Clipping', explain: 'values outside the range of this tensor' },
  rounding: { label: 'Rounding', explain: 'to the codes of this tensor' },
  weights: { label: 'Weights', explain: 'the layer’s own weights and bias, rounded' },
  propagated: { label: 'Propagated', explain: 'what the inputs carry already' },
};

/** An output this near to float has an empty bar. */
const EXACT_DB = 60;
/** Below this share a part is not worth a word. */
const WORTH_SAYING = 0.005;

/** How much error there is as the bar's length, on a scale of decibels; where it comes from as its colours. */
export function SplitBar({ split, full = false }: { split: ErrorSplit; full?: boolean }) {
  const shares = partShares(split);
  const sqnrDb = splitSqnrDb(split);
  const length = full ? 1 : Math.min(1, Math.max(0.02, (EXACT_DB - sqnrDb) / EXACT_DB));
  const words = partsInWords(split);
  return (
    <Tip text={words}>
      <span className="split-bar" role="img" aria-label={words}>
        {split.total > 0 && (
          <span style={{ width: `${(100 * length).toFixed(1)}%` }}>
            {PARTS.map((part) => (
              <i key={part} data-part={part} style={{ flexGrow: shares[part] }} hidden={shares[part] === 0} />
            ))}
          </span>
        )}
      </span>
    </Tip>
  );
}

/** "rounding 62 %, weights 30 %": the largest first. */
export function partsInWords(split: ErrorSplit): string {
  if (split.total === 0) return 'no error';
  const shares = partShares(split);
  const parts = PARTS.filter((part) => shares[part] >= WORTH_SAYING)
    .sort((a, b) => shares[b] - shares[a])
    .map((part) => `${PART_LABELS[part].label.toLowerCase()} ${percent(shares[part], 0)}`)
    .join(', ');
  const crossing = split.cross / split.total;
  // The parts' powers are not the error's where they pull the same way or against each other.
  if (Math.abs(crossing) < 0.1) return parts;
  return `${parts}; they ${crossing > 0 ? 'add to each other' : 'partly cancel'}`;
}
