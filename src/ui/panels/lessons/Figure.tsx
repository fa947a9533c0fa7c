import { startingCentroids } from '../../../core/lessons/figures/codebook';
import { dotProduct } from '../../../core/lessons/figures/dot-product';
import { figureNumber } from '../../../core/lessons/figures/table';
import { movedCentroids, settledCentroids } from '../../../core/lessons/figures/lloyd';
import { positionsOf } from '../../../core/lessons/progress';
import type { LessonFigure, Step } from '../../../core/lessons/schema';
import { figureDistribution } from '../../../state/lessons/facts';
import { useStudio } from '../../app/studio';
import { real } from '../../parts/format';
import { usePlayer } from './use-player';

/** What a lesson draws itself, beside the studio. */
export function Figure({ step, figure }: { readonly step: Step; readonly figure: LessonFigure }) {
  if (figure.type === 'dot-product') return <DotProduct figure={figure} />;
  if (figure.type === 'packing') return <Packing codes={figure.codes} />;
  return <Codebook step={step} figure={figure} />;
}

function DotProduct({ figure }: { readonly figure: Extract<LessonFigure, { type: 'dot-product' }> }) {
  const { products } = dotProduct(figure);
  return (
    <table className="lesson-table mono">
      <caption>One output of a dense layer</caption>
      <thead>
        <tr>
          <th scope="col">input</th>
          <th scope="col">− zero point</th>
          <th scope="col">weight</th>
          <th scope="col">product</th>
        </tr>
      </thead>
      <tbody>
        {products.map((_, i) => (
          <tr key={i}>
            <td>{figure.inputs[i]}</td>
            <td>{figure.inputs[i] - figure.inputZeroPoint}</td>
            <td>{figure.weights[i]}</td>
            <td>?</td>
          </tr>
        ))}
        <tr>
          <td colSpan={4}>
            bias {figure.bias} · s_in {figure.inputScale} · s_w {figure.weightScale} · s_out {figure.outputScale}
          </td>
        </tr>
      </tbody>
    </table>
  );
}

function Packing({ codes }: { readonly codes: readonly number[] }) {
  return (
    <table className="lesson-table mono">
      <caption>Codes and their four bits</caption>
      <tbody>
        {codes.map((code, i) => (
          <tr key={i}>
            <td>{code}</td>
            <td>{(code & 15).toString(2).padStart(4, '0')}</td>
            <td>{i % 2 === 0 ? 'lower half' : 'upper half'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const BARS = 80;

function Codebook({
  step,
  figure,
}: {
  readonly step: Step;
  readonly figure: Extract<LessonFigure, { type: 'codebook' }>;
}) {
  const player = usePlayer();
  const distribution = useStudio((state) => figureDistribution(state, step));
  const moved = useStudio(({ lessons }) => (lessons.progress ? positionsOf(lessons.progress, step.id) : null));
  if (!distribution) return <p className="quiet">The weights are being read…</p>;
  const top = Math.max(-distribution.min, distribution.max);
  const centroids = moved && moved.length > 0 ? moved : startingCentroids(distribution, figure.centroids);
  const error = figureNumber(figure, 'error', centroids, distribution)!;
  const lo = -top;
  const counts = new Float64Array(BARS);
  distribution.values.forEach((x, i) => {
    counts[Math.min(BARS - 1, Math.floor(((x - lo) / (2 * top)) * BARS))] += distribution.weights[i];
  });
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const isActing = step.kind === 'act';
  return (
    <div className="lesson-mark">
      <svg viewBox={`0 0 ${BARS} 24`} preserveAspectRatio="none" aria-hidden="true">
        {Array.from(counts, (count, i) => (
          <rect key={i} x={i} width={0.9} y={24 - (23 * count) / most} height={(23 * count) / most} />
        ))}
        {centroids.map((c, i) => (
          <line key={i} x1={((c - lo) / (2 * top)) * BARS} x2={((c - lo) / (2 * top)) * BARS} y1={0} y2={24} />
        ))}
      </svg>
      <p>
        Error <b className="mono">{real(error)}</b>
      </p>
      {isActing && (
        <>
          <div className="lesson-buttons">
            <button
              type="button"
              className="button small"
              onClick={() => player.place(movedCentroids(distribution, centroids))}
            >
              One step of k-means
            </button>
            <button
              type="button"
              className="button small"
              onClick={() => player.place(settledCentroids(distribution, centroids))}
            >
              Until it settles
            </button>
            <button
              type="button"
              className="button small"
              onClick={() => player.place(startingCentroids(distribution, figure.centroids))}
            >
              Start over
            </button>
          </div>
          <details>
            <summary>Move single centroids</summary>
            {centroids.map((c, i) => (
              <label key={i} className="labelled">
                <span className="mono">{i + 1}</span>
                <input
                  type="range"
                  className="range-input"
                  aria-label={`Centroid ${i + 1}`}
                  min={-top}
                  max={top}
                  step={top / 200}
                  value={c}
                  onChange={(event) => {
                    const value = event.target.valueAsNumber;
                    player.place(centroids.map((other, n) => (n === i ? value : other)));
                  }}
                />
              </label>
            ))}
          </details>
        </>
      )}
    </div>
  );
}
