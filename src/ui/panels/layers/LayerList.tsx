import { lazy, Suspense, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { arrangeRows } from '../../../state/results/layer-rows';
import type { SortKey } from '../../../state/slices/ui';
import { patch } from '../../../state/store';
import { Icon } from '../../parts/Icon';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { useLayerRows } from './use-layer-rows';
import { LayerRowView } from './LayerRowView';
import { MarkBar } from './MarkBar';
import { markedAfter, type Pick } from './marking';
import { rowForKey } from './row-keys';
import { Segmented } from '../../parts/Segmented';
import { Tip } from '../../parts/Tip';
import './layers.css';

const GraphPanel = lazy(() => import('../graph/GraphPanel'));

const COLUMNS: readonly { readonly key: SortKey; readonly label: string; readonly title: string }[] = [
  { key: 'name', label: 'Layer', title: 'Sort by name' },
  { key: 'parameters', label: 'Params', title: 'Sort by number of parameters' },
  { key: 'bits', label: 'Bits', title: 'Sort by bits' },
  { key: 'sqnr', label: 'SQNR', title: 'Sort by SQNR of the output against float, dB' },
  { key: 'delta', label: 'Δ accuracy', title: 'Sort by accuracy change when only this layer is quantized' },
];

/** While trained weights are held against the same without training. */
const COMPARING: typeof COLUMNS = [
  ...COLUMNS.filter(({ key }) => key === 'name' || key === 'bits'),
  { key: 'untrained', label: 'PTQ', title: 'Sort by signal to quantization noise without training, dB' },
  { key: 'sqnr', label: 'QAT', title: 'Sort by signal to quantization noise with trained weights, dB' },
  {
    key: 'delta',
    label: 'Δ accuracy',
    title:
      'Sort by accuracy change when only this layer is quantized: PTQ above; QAT against the trained model in float',
  },
];
const NO_NOTES: readonly string[] = [];

export function LayerList() {
  const controller = useController();
  const store = useStudioStore();
  const rows = useLayerRows();
  const search = useStudio((state) => state.ui.search);
  const sort = useStudio((state) => state.ui.sort);
  const selected = useStudio((state) => state.selection.layer);
  const marked = useStudio((state) => state.selection.marked);
  const metric = useStudio((state) => state.results.evaluation?.value.float.metric ?? 'top1');
  const opening = useStudio((state) => state.model.opening);
  const notes = useStudio((state) => state.model.view?.notes ?? NO_NOTES);
  const arranged = useMemo(() => arrangeRows(rows, search, sort), [rows, search, sort]);
  const comparing = rows.some(({ untrained }) => untrained !== null);
  const body = useRef<HTMLTableSectionElement>(null);
  const [picking, setPicking] = useState(false);
  const marking = picking || marked.length > 0;

  useEffect(() => {
    body.current?.querySelector('[data-current="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [selected]);

  const sortBy = (key: SortKey) => {
    // A third click on a column returns to the order of the graph.
    const next =
      sort.key !== key
        ? { key, descending: key === 'parameters' }
        : sort.descending === (key === 'parameters')
          ? { key, descending: !sort.descending }
          : { key: 'order' as const, descending: false };
    patch(store, 'ui', { sort: next });
  };

  const shown = () => arranged.map(({ layer }) => layer.id);
  const pick = (how: Pick) => {
    // With Ctrl, what was chosen so far is part of it.
    const start = how.toggle && !picking && marked.length === 0 && selected !== null ? [selected] : marked;
    controller.mark(markedAfter(how, shown(), start, selected));
  };
  const stopMarking = () => {
    setPicking(false);
    controller.mark([]);
  };
  const onClick = (event: MouseEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    const id = target.closest<HTMLElement>('[data-layer]')?.dataset.layer;
    if (id === undefined) return;
    const extend = event.shiftKey;
    if (target instanceof HTMLInputElement || picking) {
      controller.mark(markedAfter({ id, extend, toggle: true }, shown(), marked, selected));
    } else if (extend || event.ctrlKey || event.metaKey) pick({ id, extend, toggle: event.ctrlKey || event.metaKey });
    else controller.select(id);
  };
  const focusOn = (layer: string) =>
    body.current?.querySelector<HTMLElement>(`[data-layer="${CSS.escape(layer)}"]`)?.focus();
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const id = (event.target as HTMLElement).closest<HTMLElement>('[data-layer]')?.dataset.layer ?? selected;
    if (event.key === 'Escape' && marking) stopMarking();
    else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) controller.mark(shown());
    else if (event.key === ' ' && id !== null)
      controller.mark(markedAfter({ id, extend: false, toggle: true }, shown(), marked, selected));
    else {
      // With Shift, or while layers are marked, the focus moves alone: choosing one would let go of the rest.
      const alone = event.shiftKey || marking;
      const target = rowForKey(event.key, arranged, alone ? id : selected);
      if (!target) return;
      if (event.shiftKey) pick({ id: target, extend: true, toggle: false });
      else if (!alone) controller.select(target);
      focusOn(target);
    }
    event.preventDefault();
  };

  const asGraph = useStudio(({ ui, model: { view } }) => ui.layersAs === 'graph' && view !== null);
  return (
    <section className="panel layers" aria-label="Layers">
      <header>
        <Segmented
          label="Show layers as"
          options={[
            { value: 'list', label: 'List' },
            { value: 'graph', label: 'Graph' },
          ]}
          value={asGraph ? 'graph' : 'list'}
          onChange={(layersAs) => patch(store, 'ui', { layersAs })}
        />
        <h2>
          Layers <span className="quiet">{rows.length > 0 && countText(arranged.length, rows.length)}</span>
        </h2>
        <label className="layer-search">
          <Icon name="search" />
          <span className="visually-hidden">Search layers by name, kind of op or shape</span>
          <input
            id="layer-search"
            type="search"
            className="field"
            placeholder="Search"
            value={search}
            onChange={(event) => patch(store, 'ui', { search: event.target.value })}
            onKeyDown={(event) => {
              const [first] = arranged;
              if (event.key !== 'Enter' || !first) return;
              controller.select(first.layer.id);
              focusOn(first.layer.id);
            }}
          />
        </label>
        <Tip text="Select layers to change them together; also Ctrl or Shift and a click">
          <button
            type="button"
            className="button small"
            aria-pressed={marking}
            disabled={rows.length === 0}
            onClick={() => (marking ? stopMarking() : setPicking(true))}
          >
            Select
          </button>
        </Tip>
      </header>
      {asGraph ? (
        <Suspense fallback={<p className="layers-empty quiet">Opening…</p>}>
          <GraphPanel />
        </Suspense>
      ) : (
        <div className="layer-scroll scroll" tabIndex={-1}>
          <table
            role="grid"
            aria-label="Layers of the model"
            aria-multiselectable="true"
            data-comparing={comparing}
            data-marking={marking}
          >
            <thead>
              <tr>
                {(comparing ? COMPARING : COLUMNS).map(({ key, label, title }) => (
                  <th
                    key={key}
                    scope="col"
                    aria-sort={sort.key === key ? (sort.descending ? 'descending' : 'ascending') : 'none'}
                  >
                    <Tip text={title}>
                      <button type="button" onClick={() => sortBy(key)}>
                        {label}
                        <i aria-hidden="true">{sort.key === key ? (sort.descending ? '↓' : '↑') : ''}</i>
                      </button>
                    </Tip>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody
              ref={body}
              // A range of rows is no text to be selected.
              onMouseDown={(event) => event.shiftKey && event.preventDefault()}
              onClick={onClick}
              onKeyDown={onKeyDown}
            >
              {arranged.map((row, i) => (
                <LayerRowView
                  key={row.layer.id}
                  row={row}
                  metric={metric}
                  current={row.layer.id === selected}
                  marked={marked.includes(row.layer.id)}
                  selected={marked.length > 0 ? marked.includes(row.layer.id) : row.layer.id === selected}
                  // One row is in the tab order: the selected one, else the first.
                  focusable={row.layer.id === selected || (i === 0 && !arranged.some((r) => r.layer.id === selected))}
                />
              ))}
            </tbody>
          </table>
          {rows.length === 0 && opening !== null && <Placeholder />}
          {rows.length === 0 && opening === null && (
            <p className="layers-empty quiet">
              The layers of a model appear here, with what quantization does to each.
            </p>
          )}
          {rows.length > 0 && arranged.length === 0 && (
            <p className="layers-empty quiet">No layer matches “{search}”.</p>
          )}
        </div>
      )}
      {marking && (
        <MarkBar
          count={marked.length}
          all={arranged.length}
          onAll={() => controller.mark(shown())}
          onDone={stopMarking}
        />
      )}
      {notes.length > 0 && (
        <details className="layers-notes">
          <summary>
            {notes.length} note{notes.length === 1 ? '' : 's'} on the file
          </summary>
          <ul>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function countText(shown: number, all: number): string {
  return shown === all ? String(all) : `${shown} of ${all}`;
}

function Placeholder() {
  return (
    <div className="layers-placeholder" aria-hidden="true">
      {Array.from({ length: 8 }, (_, i) => (
        <i key={i} />
      ))}
    </div>
  );
}
