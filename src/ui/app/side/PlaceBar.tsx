import { isTunable } from '../../../state/slices/model';
import { patch, type StudioState } from '../../../state/store';
import type { UiSlice } from '../../../state/slices/ui';
import { useStudio, useStudioStore } from '../studio';
import './place-bar.css';

interface Item {
  readonly label: string;
  readonly leads: Partial<UiSlice>;
  readonly here: (ui: UiSlice) => boolean;
}

/**
 * On a narrow screen one part of the page is shown at a time; this leads to each of them. The other views and the settings
 * are reached by the tabs above, which then say where one is.
 */
const ITEMS: readonly Item[] = [
  { label: 'Layers', leads: { place: 'layers' }, here: ({ place }) => place === 'layers' },
  {
    label: 'Layer',
    leads: { place: 'view', tab: 'layer' },
    here: ({ place, tab }) => place === 'view' && tab === 'layer',
  },
  {
    label: 'Samples',
    leads: { place: 'view', tab: 'samples' },
    here: ({ place, tab }) => place === 'view' && tab === 'samples',
  },
  {
    label: 'Data',
    leads: { place: 'side', side: 'data' },
    here: ({ place, side }) => place === 'side' && side === 'data',
  },
  {
    label: 'Export',
    leads: { place: 'side', side: 'export' },
    here: ({ place, side }) => place === 'side' && side === 'export',
  },
];

const opened = ({ model }: StudioState) => isTunable(model);

export function PlaceBar() {
  const store = useStudioStore();
  const ui = useStudio((state) => state.ui);
  const tunable = useStudio(opened);
  return (
    <nav className="place-bar" aria-label="Parts of the page">
      {ITEMS.map(({ label, leads, here }) => (
        <button
          key={label}
          type="button"
          aria-current={here(ui) ? 'page' : undefined}
          disabled={!tunable && label === 'Samples'}
          onClick={() => patch(store, 'ui', leads)}
        >
          {label}
        </button>
      ))}
    </nav>
  );
}
