import { useMemo } from 'react';
import type { QuantizedPart } from '../../../core/quantize/plan';
import type { SensitivityMode } from '../../../jobs/contract/protocol';
import { sensitivityKey } from '../../../state/slices/diagnosis';
import { freshness, type Freshness } from '../../../state/slices/results';
import type { SensitivityMeasure } from '../../../state/slices/ui';
import { patch, settingsOf } from '../../../state/store';
import { Chart } from '../../charts/Chart';
import { integer, metricLabel } from '../../parts/format';
import { Segmented } from '../../parts/Segmented';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { rankingData, sensitivityRows } from './sensitivity-rows';
import { shownSensitivity } from './shown-sensitivity';
import { useLayerNames } from './use-layer-names';
import { Hint } from '../../parts/Tip';

const MODES: readonly { readonly value: SensitivityMode; readonly label: string }[] = [
  { value: 'alone', label: 'One alone' },
  { value: 'all-but', label: 'All but one' },
];
const QUANTIZED: readonly { readonly value: QuantizedPart; readonly label: string }[] = [
  { value: 'both', label: 'Both' },
  { value: 'weights', label: 'Weights' },
  { value: 'activations', label: 'Activations' },
];
const MEASURES: readonly { readonly value: SensitivityMeasure; readonly label: string }[] = [
  { value: 'sqnr', label: 'SQNR' },
  { value: 'score', label: 'Score' },
];

const EXPLAIN: Readonly<Record<SensitivityMode, string>> = {
  alone: 'One layer is quantized, all others are in float: how far the output moves away.',
  'all-but': 'All layers are quantized but one: how much nearer the output comes.',
};

/** How much each layer costs, by itself or among all others; measured on demand, results as they come. */
export function Sensitivity() {
  const controller = useController();
  const store = useStudioStore();
  const choice = useStudio((state) => state.ui.sensitivity);
  const shown = useStudio(shownSensitivity);
  const state = useStudio((s): Freshness => freshness(shownSensitivity(s), settingsOf(s), s.results.basis));
  const measuring = useStudio(({ diagnosis }) => diagnosis.measuring === sensitivityKey(choice));
  const job = useStudio(({ jobs }) => jobs.running.find(({ name }) => name === 'sensitivity') ?? null);
  const usual = choice.mode === 'alone' && choice.part === 'both';
  const running = measuring || (usual && job !== null);
  const choose = (change: Partial<typeof choice>) => patch(store, 'ui', { sensitivity: { ...choice, ...change } });
  return (
    <section className="sensitivity" aria-label="Sensitivity of the layers" aria-busy={running}>
      <div className="sensitivity-head">
        <h3>What each layer costs</h3>
        {state === 'stale' && <span className="badge warn">outdated</span>}
        {measuring && (
          <button type="button" className="button small" onClick={() => controller.diagnoser.stopMeasuring()}>
            Stop
          </button>
        )}
        {!running && state !== 'fresh' && (
          <button type="button" className="button small" onClick={() => void controller.diagnoser.measure(choice)}>
            {state === 'partial' ? 'Start again' : 'Start'}
          </button>
        )}
      </div>
      <div className="sensitivity-choices">
        <Segmented label="Mode" options={MODES} value={choice.mode} onChange={(mode) => choose({ mode })} />
        <Segmented
          label="Quantized part"
          options={QUANTIZED}
          value={choice.part}
          onChange={(part) => choose({ part })}
        />
        <Segmented
          label="Measure"
          options={MEASURES}
          value={choice.measure}
          onChange={(measure) => choose({ measure })}
        />
      </div>
      <p className="quiet" role="status">
        {running && job ? `${job.progress.stage} · ${Math.round(100 * job.progress.fraction)} %` : EXPLAIN[choice.mode]}
      </p>
      {shown ? (
        <Ranking />
      ) : (
        !running && <p className="quiet">Not measured yet. Results appear layer by layer, likely culprits first.</p>
      )}
    </section>
  );
}

function Ranking() {
  const controller = useController();
  const nameOf = useLayerNames();
  const { mode, measure } = useStudio((state) => state.ui.sensitivity);
  const layers = useStudio((state) => shownSensitivity(state)?.value ?? null);
  const metric = useStudio((state) => state.results.evaluation?.value.float.metric ?? 'top1');
  const selected = useStudio((state) => state.selection.layer);
  const rows = useMemo(() => sensitivityRows(layers ?? [], { mode, measure, metric }), [layers, mode, measure, metric]);
  const data = useMemo(
    () => rankingData(rows, { mode, measure, metric }, nameOf, selected),
    [rows, mode, measure, metric, nameOf, selected],
  );
  const samples = layers?.reduce((least, row) => Math.min(least, row.samples), Infinity) ?? 0;
  return (
    <>
      <Chart
        data={data}
        label={`${data.y.name}, of ${rows.length} layers; the table below has the same figures`}
        height={120}
        onPick={(index) => controller.select(rows[index].op)}
      />
      <table className="rank sensitivity-table">
        <thead>
          <tr>
            <th scope="col">Layer</th>
            <th scope="col">{mode === 'alone' ? 'Output' : 'Gain'}</th>
            <th scope="col">
              <Hint text={metricLabel(metric)}>Score</Hint>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ op, output, score }) => (
            <tr key={op} data-selected={op === selected}>
              <th scope="row">
                <button type="button" className="link" onClick={() => controller.select(op)}>
                  {nameOf(op)}
                </button>
              </th>
              <td className="number">{output}</td>
              <td className="number">{score}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet note">
        {integer(rows.length)} layers on {Number.isFinite(samples) ? integer(samples) : '–'} samples. Output is the SQNR
        against float, before a final softmax.
      </p>
    </>
  );
}
