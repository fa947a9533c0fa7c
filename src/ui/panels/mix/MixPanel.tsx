/** Mixed precision: which format each layer gets, searched for while one watches; every point can be tried and taken back. */
import { startTransition, useMemo, useState } from 'react';
import { metricInfo } from '../../../core/metrics/table';
import { havePrecisions } from '../../../core/search/precisions';
import type { SearchPoint, SearchResult } from '../../../jobs/contract/search-protocol';
import { choosePrecisions, sameJson } from '../../../state/edits/edits';
import { freshness } from '../../../state/slices/results';
import { patch, settingsOf } from '../../../state/store';
import { download } from '../export/download';
import { decibels, integer, scoreText, timeLeft } from '../../parts/format';
import { ErrorCard } from '../../parts/ErrorCard';
import { Icon } from '../../parts/Icon';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { Configuration } from './Configuration';
import { chanceText, costOf, costText, countsText, frontCsv } from './front-text';
import { FrontTable } from './FrontTable';
import { MixControls, searchedPrecisions, useBudget } from './MixControls';
import { ParetoChart } from './ParetoChart';
import './mix.css';

export default function MixPanel() {
  const store = useStudioStore();
  const error = useStudio((state) => state.results.searchError);
  const search = useStudio(({ results }) => (results.search?.basis === results.basis ? results.search : null));
  return (
    <section className="panel mix" aria-label="Mixed precision">
      <header>
        <h2>Mixed precision</h2>
        <Progress result={search?.value ?? null} partial={search?.partial ?? false} />
      </header>
      <div className="body">
        {!search && (
          <p className="quiet">
            Layers differ in how many bits they need. The search gives each one a format, measures what that does on
            samples that ranges were not taken from, and keeps what nothing else beats.
          </p>
        )}
        <MixControls />
        <StartStop />
        {error && (
          <ErrorCard
            title="The search failed"
            error={error}
            onDismiss={() => patch(store, 'results', { searchError: null })}
          />
        )}
        {search && search.value.front.length > 0 && <Found result={search.value} />}
      </div>
    </section>
  );
}

function useSearchJob() {
  return useStudio((state) => state.jobs.running.find(({ name }) => name === 'searchPrecision') ?? null);
}

function Progress({ result, partial }: { result: SearchResult | null; partial: boolean }) {
  const job = useSearchJob();
  if (!result) return job ? <p className="quiet">Starting</p> : null;
  const counted = `${integer(result.measured)} of ${integer(result.possible)} configurations`;
  return (
    <p className="quiet" role="status">
      {job ? counted : partial ? `Stopped after ${counted}` : `${counted} measured`}
    </p>
  );
}

function StartStop() {
  const controller = useController();
  const mix = useStudio((state) => state.ui.mix);
  const accumulator = useStudio((state) => state.ui.accumulator);
  const ready = useStudio(({ results, data }) => results.plan?.basis === results.basis && data.opening === null);
  const job = useSearchJob();
  const budget = useBudget();
  const precisions = searchedPrecisions(mix);
  const { cost, quality, measurements } = mix;
  const left = job?.progress.remainingMs;
  if (job)
    return (
      <div className="mix-start">
        <button type="button" className="button" onClick={() => controller.searcher.stop()}>
          Stop
        </button>
        <p className="quiet">
          {job.progress.stage} · {Math.round(100 * job.progress.fraction)} %
          {left !== undefined && left > 900 && ` · ${timeLeft(left)}`}
        </p>
      </div>
    );
  return (
    <div className="mix-start">
      <button
        type="button"
        className="button primary"
        disabled={!ready || precisions.length < 2}
        onClick={() =>
          void controller.searcher.start({ precisions, cost, quality, accumulator, budget, measurements, seed: 1 })
        }
      >
        Search
      </button>
      <p className="quiet">
        {precisions.length < 2
          ? 'Tick at least two formats to choose among.'
          : ready
            ? 'You can go on working meanwhile, and stop at any time: what was found stays.'
            : 'The model has to be calibrated first.'}
      </p>
    </div>
  );
}

function Found({ result }: { result: SearchResult }) {
  const controller = useController();
  const settings = useStudio(settingsOf);
  const model = useStudio((state) => state.model.view);
  const [hovered, setHovered] = useState<number | null>(null);
  // The chart is drawn anew for it, which may wait for what the pointer does next.
  const show = (index: number | null) => startTransition(() => setHovered(index));
  const layers = useMemo(
    () => model?.layers.filter(({ id }) => result.layers.includes(id)) ?? [],
    [model, result.layers],
  );
  const used = result.front.findIndex(({ precisions }) => havePrecisions(settings, precisions));
  const current = used >= 0 ? used : null;
  // In a task of its own: the press has drawn enough by itself, and an edit marks every figure of the page.
  const use = (point: SearchPoint) => void setTimeout(() => controller.edit(choosePrecisions(point.precisions)));
  const shown = hovered ?? current ?? result.chosen;
  const point = shown === null ? undefined : result.front[shown];
  return (
    <div className="found">
      <ParetoChart result={result} current={current} shown={hovered} onShow={show} onUse={use} />
      <div className="point-summary">
        {point ? (
          <Summary result={result} point={point} inUse={shown === current} chosen={shown === result.chosen}>
            <Configuration layers={layers} precisions={point.precisions} />
          </Summary>
        ) : (
          <p className="quiet">Point at a configuration to see it; click it to use it. Undo takes it back.</p>
        )}
      </div>
      {result.spec.budget !== null && result.chosen === null && (
        <p className="quiet">Nothing measured so far is within what you asked for.</p>
      )}
      <Notes result={result} />
      <FrontTable result={result} layers={layers} current={current} onShow={show} onUse={use} />
      <button
        type="button"
        className="button small"
        onClick={() => download('pareto-front.csv', new Blob([frontCsv(result)], { type: 'text/csv' }))}
      >
        <Icon name="download" />
        Front as CSV
      </button>
    </div>
  );
}

interface SummaryProps {
  readonly result: SearchResult;
  readonly point: SearchPoint;
  readonly inUse: boolean;
  readonly chosen: boolean;
  readonly children: React.ReactNode;
}

/** The point that is looked at; where it is in use, also what came of it on samples that the search never saw. */
function Summary({ result, point, inUse, chosen, children }: SummaryProps) {
  const evaluation = useStudio((state) => {
    const { evaluation: made, basis } = state.results;
    return freshness(made, settingsOf(state), basis) === 'fresh' ? made!.value : null;
  });
  return (
    <>
      <p>
        <b>{costText(costOf(point, result.spec.cost), result.spec.cost)}</b> · {scoreText(point.score)} ·{' '}
        {decibels(point.sqnrDb)} {inUse && <span className="badge good">in use</span>}
        {chosen && <span className="badge">what you asked for</span>}
        {!point.storable && <span className="badge warn">no .tflite holds it</span>}
      </p>
      {children}
      <p className="quiet">
        {countsText(point.precisions)}
        {inUse &&
          (evaluation
            ? ` · ${scoreText(evaluation.quantized)} on ${integer(evaluation.quantized.samples)} samples that the search never saw`
            : ' · being evaluated on samples that the search never saw')}
      </p>
    </>
  );
}

const FINER = 'Output SQNR tells configurations apart more finely. Scores above that of float count as equal to it.';

/** How the figures were taken, and what changed since. */
function Notes({ result }: { result: SearchResult }) {
  const moved = useStudio((state) => {
    const then = state.results.search?.settings;
    const now = settingsOf(state);
    const ranges = ({ weights, activations, tensors, algorithms, rules }: typeof now) => [
      weights,
      activations,
      tensors,
      algorithms ?? [],
      rules ?? [],
    ];
    return then !== undefined && !sameJson(ranges(then), ranges(now));
  });
  const fixed = result.fixed.length;
  const best = result.front.at(-1)?.score;
  const counts = result.spec.quality === 'score' && best !== undefined && metricInfo(best.metric).unit === 'share';
  return (
    <p className="quiet">
      Measured on {integer(result.samples)} calibration samples that were held back.
      {counts && ` Chance alone moves a score of so few by ±${chanceText(best.value, result.samples)}: ${FINER}`}
      {fixed > 0 && ` ${fixed === 1 ? 'One layer is' : `${fixed} layers are`} left alone: ${result.fixed[0].reason}.`}
      {result.notes.map((note) => ` ${note}`)}
      {moved && ' Ranges or rules changed since: search again for figures that hold with them.'}
    </p>
  );
}
