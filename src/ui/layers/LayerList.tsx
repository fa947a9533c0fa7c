import { useEffect, useMemo, useRef } from 'react';
import { arrangeRows } from '../../state/layer-rows';
import type { SortKey } from '../../state/slices/ui';
import { patch } from '../../state/store';
import { Icon } from '../parts/Icon';
import { useController, useStudio, useStudioStore } from '../studio';
import { useLayerRows } from '../use-layer-rows';
import { LayerRowView } from './LayerRowView';
import { rowForKey } from './row-keys';
import './layers.css';

const COLUMNS: readonly { readonly key: SortKey; readonly label: string; readonly title: string }[] = [
  { key: 'name', label: 'Layer', title: 'Sort by name' },
  { key: 'parameters', label: 'Params', title: 'Sort by number of parameters' },
  { key: 'bits', label: 'Bits', title: 'Sort by bits' },
  { key: 'sqnr', label: 'SQNR', title: 'Sort by signal to quantization noise, dB' },
  { key: 'delta', label: 'Δ alone', title: 'Sort by accuracy change when only this layer is quantized' },
];

const NO_NOTES: readonly string[] = [];

export function LayerList() {
  const controller = useController();
  const store = useStudioStore();
  const rows = useLayerRows();
  const search = useStudio((state) => state.ui.search);
  const sort = useStudio((state) => state.ui.sort);
  const selected = useStudio((state) => state.selection.layer);
  const metric = useStudio((state) => state.results.evaluation?.value.float.metric ?? 'top1');
  const opening = useStudio((state) => state.model.opening);
  const notes = useStudio((state) => state.model.view?.notes ?? NO_NOTES);
  const arranged = useMemo(() => arrangeRows(rows, search, sort), [rows, search, sort]);
  const body = useRef<HTMLTableSectionElement>(null);

  useEffect(() => {
    body.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
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

  return (
    <section className="panel layers" aria-label="Layers">
      <header>
        <h2>
          Layers <span className="quiet">{rows.length > 0 && countText(arranged.length, rows.length)}</span>
        </h2>
        <label className="layer-search">
          <Icon name="search" />
          <span className="visually-hidden">Search layers</span>
          <input
            id="layer-search"
            type="search"
            className="field"
            placeholder="Name, op or shape"
            value={search}
            onChange={(event) => patch(store, 'ui', { search: event.target.value })}
          />
        </label>
      </header>
      <div className="layer-scroll scroll" tabIndex={-1}>
        <table role="grid" aria-label="Layers of the model">
          <thead>
            <tr>
              {COLUMNS.map(({ key, label, title }) => (
                <th
                  key={key}
                  scope="col"
                  aria-sort={sort.key === key ? (sort.descending ? 'descending' : 'ascending') : 'none'}
                >
                  <button type="button" title={title} onClick={() => sortBy(key)}>
                    {label}
                    <i aria-hidden="true">{sort.key === key ? (sort.descending ? '↓' : '↑') : ''}</i>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody
            ref={body}
            onKeyDown={(event) => {
              const target = rowForKey(event.key, arranged, selected);
              if (!target) return;
              event.preventDefault();
              controller.select(target);
              body.current?.querySelector<HTMLElement>(`[data-layer="${CSS.escape(target)}"]`)?.focus();
            }}
          >
            {arranged.map((row, i) => (
              <LayerRowView
                key={row.layer.id}
                row={row}
                metric={metric}
                selected={row.layer.id === selected}
                // One row is in the tab order: the selected one, else the first.
                focusable={row.layer.id === selected || (i === 0 && !arranged.some((r) => r.layer.id === selected))}
                onSelect={controller}
              />
            ))}
          </tbody>
        </table>
        {rows.length === 0 && opening !== null && <Placeholder />}
        {rows.length === 0 && opening === null && (
          <p className="layers-empty quiet">The layers of a model appear here, with what quantization does to each.</p>
        )}
        {rows.length > 0 && arranged.length === 0 && <p className="layers-empty quiet">No layer matches “{search}”.</p>}
      </div>
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
