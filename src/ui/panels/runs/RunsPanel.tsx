/** Every configuration that was evaluated, side by side: which is small, which is right, and what makes the difference. */
import { useMemo } from 'react';
import type { Run } from '../../../core/project/manifest';
import { sameSettings } from '../../../core/quantize/settings-key';
import { settingsDiff } from '../../../state/runs/settings-diff';
import { renamed, toggled, without } from '../../../state/slices/runs';
import { patch, settingsOf } from '../../../state/store';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { bytes, decibels, milliseconds } from '../../parts/format';
import { Icon } from '../../parts/Icon';
import { Explained } from '../../parts/Tip';
import { LayerComparison } from './LayerComparison';
import { RunScatter } from './RunScatter';
import { OverlaidHistograms } from './OverlaidHistograms';
import { runScoreText, scoreOf } from './run-text';
import './runs.css';

export default function RunsPanel() {
  const runs = useStudio((state) => state.runs);
  const pair = runs.selected.flatMap((id) => runs.list.find((run) => run.id === id) ?? []);
  return (
    <section className="panel runs" aria-label="Runs">
      <header>
        <h2>Runs</h2>
        <p className="quiet">Every configuration that was evaluated is kept here. Choose two to compare them.</p>
      </header>
      <div className="body">
        {runs.list.length === 0 ? (
          <p className="quiet">The first one is kept as soon as the model is evaluated.</p>
        ) : (
          <>
            <RunTable runs={runs.list} selected={runs.selected} />
            {runs.list.length > 1 && <RunScatter runs={runs.list} />}
          </>
        )}
        {pair.length === 2 && <Comparison a={pair[0]} b={pair[1]} />}
      </div>
    </section>
  );
}

function RunTable({ runs, selected }: { readonly runs: readonly Run[]; readonly selected: readonly string[] }) {
  const newest = runs.at(-1)!;
  return (
    <table className="run-table">
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Compare</span>
          </th>
          <th scope="col">Name</th>
          <th scope="col">Size</th>
          <th scope="col">Score</th>
          <th scope="col">Time</th>
          <th scope="col">
            <span className="visually-hidden">What to do with it</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {[...runs].reverse().map((run) => (
          <RunRow key={run.id} run={run} selected={selected.includes(run.id)} comparable={run.data === newest.data} />
        ))}
      </tbody>
    </table>
  );
}

function RunRow({ run, selected, comparable }: { run: Run; selected: boolean; comparable: boolean }) {
  const controller = useController();
  const store = useStudioStore();
  const current = useStudio((state) => sameSettings(settingsOf(state), run.settings));
  const usable = useStudio(
    ({ training }) => run.settings.trained === undefined || run.settings.trained in training.known,
  );
  const change = (to: (runs: ReturnType<typeof store.getState>['runs']) => typeof runs) =>
    store.setState(({ runs }) => ({ runs: to(runs) }));
  const score = scoreOf(run);
  return (
    <tr data-current={current}>
      <td>
        <input
          type="checkbox"
          aria-label={`Compare ${run.name}`}
          checked={selected}
          onChange={() => change((runs) => toggled(runs, run.id))}
        />
      </td>
      <td>
        <button
          type="button"
          className="star"
          aria-label={`Star ${run.name}`}
          aria-pressed={run.starred}
          onClick={() => change((runs) => renamed(runs, run.id, { starred: !run.starred }))}
        >
          {run.starred ? '★' : '☆'}
        </button>
        <input
          className="run-name"
          aria-label="Name of this run"
          defaultValue={run.name}
          onBlur={({ target }) => change((runs) => renamed(runs, run.id, { name: target.value.trim() || run.name }))}
          onKeyDown={({ key, currentTarget }) => key === 'Enter' && currentTarget.blur()}
        />
        {!comparable && <span className="quiet"> on other data: {run.data.split(',')[0]}</span>}
      </td>
      <td>{run.bytes === null ? 'no file' : bytes(run.bytes)}</td>
      <td>
        {runScoreText(score)}
        {run.file === null && <span className="quiet"> simulated</span>}
      </td>
      <td>{run.latencyMs === null ? '–' : milliseconds(run.latencyMs)}</td>
      <td className="run-actions">
        {current ? (
          <span className="badge good">in use</span>
        ) : (
          <Explained text={usable ? undefined : 'Its trained weights are not open: restore them under Train first.'}>
            <button
              type="button"
              className="button small"
              aria-disabled={!usable}
              onClick={() => usable && controller.edit(() => run.settings)}
            >
              Use
            </button>
          </Explained>
        )}
        <button
          type="button"
          className="button bare small icon"
          aria-label={`Delete ${run.name}`}
          onClick={() => change((runs) => without(runs, run.id))}
        >
          <Icon name="close" />
        </button>
      </td>
    </tr>
  );
}

function Comparison({ a, b }: { readonly a: Run; readonly b: Run }) {
  const store = useStudioStore();
  const differences = useMemo(() => settingsDiff(a.settings, b.settings), [a, b]);
  const layer = useStudio(
    ({ model, selection }) => model.view?.layers.find(({ id }) => id === selection.layer) ?? null,
  );
  return (
    <div className="comparison">
      <h3>
        {a.name} and {b.name}
      </h3>
      {a.data !== b.data && <p className="quiet">They were evaluated on different samples: scores do not compare.</p>}
      <p>
        Output against float: {a.outputSqnrDb === null ? 'exact' : decibels(a.outputSqnrDb)} and{' '}
        {b.outputSqnrDb === null ? 'exact' : decibels(b.outputSqnrDb)}
      </p>
      {differences.length === 0 ? (
        <p className="quiet">Their settings are the same.</p>
      ) : (
        <table className="diff-table">
          <thead>
            <tr>
              <th scope="col">Setting</th>
              <th scope="col">{a.name}</th>
              <th scope="col">{b.name}</th>
            </tr>
          </thead>
          <tbody>
            {differences.slice(0, 40).map(({ path, before, after }) => (
              <tr key={path}>
                <th scope="row" className="mono">
                  {path}
                </th>
                <td>{before}</td>
                <td>{after}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {differences.length > 40 && <p className="quiet">and {differences.length - 40} more</p>}
      <LayerComparison a={a} b={b} onPick={(op) => patch(store, 'selection', { layer: op })} />
      {layer && <OverlaidHistograms layer={layer} a={a} b={b} />}
    </div>
  );
}
