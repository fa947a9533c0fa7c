/** What one inference costs in memory and arithmetic: float, as quantized, and the same bits in FP8. */
import { useEffect } from 'react';
import { ACCUMULATORS, type AccumulatorId } from '../../../core/cost/mac';
import type { ModelCost } from '../../../core/cost/model-cost';
import { perMac, REFERENCE_CARDS } from '../../../core/cost/reference-cards';
import { COST_METRICS, type CostMetric } from '../../../core/cost/table';
import { freshness } from '../../../state/slices/results';
import { patch, settingsOf } from '../../../state/store';
import { integer, milliseconds } from '../../parts/format';
import { Segmented } from '../../parts/Segmented';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { LayerCosts } from './LayerCosts';
import { MemoryMap } from './MemoryMap';
import { costText, energy } from './units';
import { Hint } from '../../parts/Tip';
import './cost.css';

const SHORT: Readonly<Record<AccumulatorId, string>> = { fp16: 'FP16', fp32: 'FP32', fused: 'Fused' };

export default function CostPanel() {
  const controller = useController();
  const store = useStudioStore();
  const accumulator = useStudio((state) => state.ui.accumulator);
  const plan = useStudio((state) => state.results.plan);
  const planned = useStudio((s) => freshness(s.results.plan, settingsOf(s), s.results.basis) === 'fresh');
  const cost = useStudio((state) => state.results.cost);
  const selected = useStudio(
    ({ model, selection }) => model.view?.layers.find(({ id }) => id === selection.layer)?.output.id ?? null,
  );
  useEffect(() => {
    if (planned) void controller.countCost(accumulator);
  }, [controller, planned, plan, accumulator]);
  return (
    <section className="panel cost" aria-label="Cost">
      <header>
        <h2>Cost of one inference</h2>
        <div className="labelled">
          <span>FP8 accumulates in</span>
          <Segmented
            label="Accumulator of FP8"
            options={ACCUMULATORS.map(({ id }) => ({ value: id, label: SHORT[id] }))}
            value={accumulator}
            onChange={(value) => patch(store, 'ui', { accumulator: value })}
          />
        </div>
      </header>
      <div className="body">
        {!cost ? (
          <p className="quiet">{planned ? 'Counting…' : 'Costs are counted once the model is calibrated.'}</p>
        ) : (
          <>
            <Totals columns={[cost.value.float, cost.value.planned, cost.value.fp8]} />
            <h3>Gates of an FP8 multiply-accumulate against INT8</h3>
            <Accumulators chosen={accumulator} />
            <h3>Memory of activations over time</h3>
            <MemoryMap
              arena={cost.value.planned.arena}
              ops={cost.value.planned.layers.map(({ name }) => name)}
              selected={selected}
            />
            <LayerCosts cost={cost.value.planned} />
          </>
        )}
        <Sources />
        <h3>Measured on boards, for comparison</h3>
        <p className="quiet note">Benchmark models in int8, not the model that is open here.</p>
        <ul className="cards">
          {REFERENCE_CARDS.map((card) => {
            const { cycles, picojoules } = perMac(card);
            return (
              <li key={`${card.core} ${card.model}`}>
                <b>{milliseconds(card.milliseconds)}</b>
                {card.microjoules !== undefined && <b> · {energy(card.microjoules * 1e6)}</b>}
                <span>
                  {card.core}, {card.megahertz} MHz, {card.model}
                </span>
                <span className="quiet">
                  {cycles.toFixed(1)} cycles per MAC
                  {picojoules !== null && `, ${integer(Math.round(picojoules))} pJ per MAC in all`}
                </span>
              </li>
            );
          })}
        </ul>
        <p className="quiet note">
          <cite>{[...new Set(REFERENCE_CARDS.map(({ source }) => source))].join('; ')}</cite>
        </p>
      </div>
    </section>
  );
}

/** What FP8 costs beside INT8 depends on what its products are added up in, and on whom one asks: all three side by side. */
function Accumulators({ chosen }: { chosen: AccumulatorId }) {
  return (
    <ul className="accumulators">
      {ACCUMULATORS.map(({ id, label, relativeArea, explain, source }) => (
        <li key={id} data-chosen={id === chosen}>
          <b>+{(100 * (relativeArea - 1)).toFixed(relativeArea < 1.2 ? 1 : 0)} %</b> {label}
          <span className="quiet">
            {explain} <cite>{source}.</cite>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Where each figure is from, for those who cannot hover. */
function Sources() {
  return (
    <details className="sources">
      <summary>What these figures are, and where they are from</summary>
      <dl>
        {COST_METRICS.map(({ id, label, explain, source }) => (
          <div key={id}>
            <dt>{label}</dt>
            <dd>
              {explain} <cite className="quiet">{source}.</cite>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Totals({ columns }: { columns: readonly [ModelCost, ModelCost, ModelCost] }) {
  return (
    <table className="totals">
      <thead>
        <tr>
          <th scope="col">Whole model</th>
          <th scope="col">Float32</th>
          <th scope="col">As quantized</th>
          <th scope="col">FP8 E4M3</th>
        </tr>
      </thead>
      <tbody>
        {COST_METRICS.map((metric) => (
          <tr key={metric.id}>
            <th scope="row">
              <Hint text={`${metric.explain} Source: ${metric.source}.`}>{metric.label}</Hint>
              {metric.id === 'alu-energy' && <span className="badge">arithmetic only</span>}
            </th>
            {columns.map((cost, i) => (
              <td key={i}>{costText(wholeOf(metric, cost), metric.unit)}</td>
            ))}
          </tr>
        ))}
        <tr>
          <th scope="row">
            <Hint text="Memory for activations, as TensorFlow Lite Micro’s greedy planner lays it out. Source: counted on the graph.">
              Activation arena
            </Hint>
          </th>
          {columns.map(({ arena }, i) => (
            <td key={i}>{costText(arena.bytes, 'bytes')}</td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

/** The total; where layers do not add up, what they have in common, if anything. */
function wholeOf(metric: CostMetric, cost: ModelCost): number | null {
  const total = metric.total(cost);
  if (total !== null) return total;
  const values = new Set(cost.layers.map((layer) => metric.of(layer)).filter((value) => value !== null));
  return values.size === 1 ? [...values][0] : null;
}
