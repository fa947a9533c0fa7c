import { metricInfo } from '../../../core/metrics/table';
import { isStorable, PRECISIONS } from '../../../core/search/precisions';
import type { SearchBudget, SearchCost } from '../../../jobs/contract/search-protocol';
import type { MixOptions } from '../../../state/slices/ui';
import { patch } from '../../../state/store';
import { NumberField } from '../../fields/NumberField';
import { Segmented } from '../../parts/Segmented';
import { useStudio, useStudioStore } from '../../app/studio';
import { Tip } from '../../parts/Tip';

/** Units in which costs are typed: kilobytes, and microjoules. */
const UNITS: Readonly<Record<SearchCost, { readonly name: string; readonly size: number }>> = {
  size: { name: 'kB', size: 1e3 },
  energy: { name: 'µJ', size: 1e6 },
};

/** Formats that the next search takes. */
export function searchedPrecisions({ precisions, storable }: MixOptions): string[] {
  return PRECISIONS.filter((row) => precisions.includes(row.id) && (!storable || isStorable(row))).map(({ id }) => id);
}

/** What the metric of the model is; a plain SQNR has no loss against float. */
function useMetric() {
  return useStudio(({ results }) => results.evaluation?.value.float.metric ?? results.probe?.value.metric ?? 'top1');
}

/** Proposed where nobody chose: a little less than the int8 file, or than INT8 throughout takes. */
export function useProposals() {
  const exported = useStudio(({ results }) => results.exported?.value.bytes.byteLength);
  const float = useStudio(({ model }) => model.view?.floatBytes ?? 0);
  const macs = useStudio(({ model }) => model.view?.macs ?? 0);
  const score = useStudio(({ results }) => results.evaluation?.value.float.value);
  const rounded = (value: number) => Number(value.toPrecision(2));
  return {
    size: rounded(0.85 * (exported ?? float / 3.5)),
    // An INT8 multiply-accumulate takes 0.3 pJ, see core/cost/mac.
    energy: rounded(0.26 * macs),
    score: score === undefined ? 0.9 : Math.floor(100 * (score - 0.01)) / 100,
    sqnr: 20,
  };
}

export function useBudget(): SearchBudget | null {
  const mix = useStudio((state) => state.ui.mix);
  const proposals = useProposals();
  const metric = useMetric();
  if (mix.aim === 'cost') return { kind: 'cost', most: mix.most[mix.cost] ?? proposals[mix.cost] };
  if (mix.aim === 'quality') return { kind: 'quality', bound: mix.bound[mix.quality] ?? proposals[mix.quality] };
  // A loss is one of the score: it waits, where the output's SQNR is looked at.
  return mix.aim === 'loss' && mix.quality === 'score' && metric !== 'sqnr' ? { kind: 'loss', most: mix.loss } : null;
}

/** What is searched for: formats, costs, quality, and what is held fixed. */
export function MixControls() {
  const store = useStudioStore();
  const mix = useStudio((state) => state.ui.mix);
  const metric = useMetric();
  const budget = useBudget();
  const proposals = useProposals();
  const set = (change: Partial<MixOptions>) => {
    const { most, bound, ...next } = { ...mix, ...change };
    const { aim, cost, quality } = next;
    // What was proposed stays, however the file that it was proposed from changes.
    const mostNow = aim === 'cost' ? { ...most, [cost]: most[cost] ?? proposals[cost] } : most;
    const boundNow = aim === 'quality' ? { ...bound, [quality]: bound[quality] ?? proposals[quality] } : bound;
    patch(store, 'ui', { mix: { ...next, most: mostNow, bound: boundNow } });
  };
  const unit = UNITS[mix.cost];
  const share = metricInfo(metric).unit === 'share';
  const toggle = (id: string, on: boolean) =>
    set({ precisions: on ? [...mix.precisions, id] : mix.precisions.filter((other) => other !== id) });
  return (
    <div className="mix-controls">
      <fieldset className="mix-formats">
        <legend>Formats</legend>
        {PRECISIONS.map((row) => (
          <Tip key={row.id} text={row.explain}>
            <label data-off={mix.storable && !isStorable(row)}>
              <input
                type="checkbox"
                disabled={mix.storable && !isStorable(row)}
                checked={mix.precisions.includes(row.id) && (!mix.storable || isStorable(row))}
                onChange={({ target }) => toggle(row.id, target.checked)}
              />
              {row.label}
            </label>
          </Tip>
        ))}
        <label className="switch">
          <input
            type="checkbox"
            role="switch"
            checked={mix.storable}
            onChange={({ target }) => set({ storable: target.checked })}
          />
          Only what a .tflite can hold
        </label>
      </fieldset>
      <div className="labelled">
        <span>Cost</span>
        <Segmented
          label="Cost"
          options={[
            { value: 'size', label: 'File size' },
            { value: 'energy', label: 'ALU energy' },
          ]}
          value={mix.cost}
          onChange={(cost) => set({ cost })}
        />
      </div>
      <div className="labelled">
        <span>Quality metric</span>
        <Segmented
          label="Quality metric"
          options={[
            { value: 'score', label: 'Score' },
            { value: 'sqnr', label: 'Output SQNR' },
          ]}
          value={mix.quality}
          onChange={(quality) => set({ quality })}
        />
      </div>
      <div className="labelled">
        <span>Looking for</span>
        <select
          className="field"
          aria-label="Looking for"
          value={mix.aim === 'loss' && budget === null ? 'front' : mix.aim}
          onChange={({ target }) => set({ aim: target.value as MixOptions['aim'] })}
        >
          <option value="front">the whole front</option>
          <option value="cost">the best for a cost of at most</option>
          <option value="quality">
            the cheapest with {mix.quality === 'sqnr' ? 'an SQNR' : 'a score'} of at least
          </option>
          <option value="loss" disabled={mix.quality === 'sqnr' || metric === 'sqnr'}>
            the cheapest that loses at most
          </option>
        </select>
        {budget?.kind === 'cost' && (
          <NumberField
            label={unit.name}
            value={budget.most / unit.size}
            min={0}
            width={6}
            onCommit={(value) => set({ most: { ...mix.most, [mix.cost]: value * unit.size } })}
          />
        )}
        {budget?.kind === 'quality' && (
          <NumberField
            label={mix.quality === 'sqnr' || metric === 'sqnr' ? 'dB' : share ? '%' : ''}
            value={mix.quality === 'score' && share ? 100 * budget.bound : budget.bound}
            width={6}
            onCommit={(value) =>
              set({ bound: { ...mix.bound, [mix.quality]: mix.quality === 'score' && share ? value / 100 : value } })
            }
          />
        )}
        {budget?.kind === 'loss' && (
          <NumberField
            label={share ? 'points' : ''}
            value={share ? 100 * mix.loss : mix.loss}
            min={0}
            width={6}
            onCommit={(value) => set({ loss: share ? value / 100 : value })}
          />
        )}
      </div>
      <NumberField
        label="Configurations at most"
        value={mix.measurements}
        min={1}
        max={100_000}
        whole
        width={6}
        onCommit={(measurements) => set({ measurements })}
      />
    </div>
  );
}
