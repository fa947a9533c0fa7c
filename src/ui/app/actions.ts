/** Each action once: its words, its keys and what it does. Buttons, key presses and the help all read this table. */
import type { StudioController } from '../../state/controller';
import { canTrain } from '../../state/results/comparison';
import { patch, type StudioState, type StudioStore } from '../../state/store';

export interface Action {
  readonly label: string;
  /** As shown in the help; alternatives share a row. */
  readonly keys: readonly string[];
  readonly match: (event: KeyPress) => boolean;
  readonly perform: (controller: StudioController, store: StudioStore) => void;
  readonly enabled?: (state: StudioState) => boolean;
  /** Also while typing in a field; 'idle': as long as nothing is typed in it yet. */
  readonly whileTyping?: true | 'idle';
}

/** What matching needs of a KeyboardEvent. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

const command = (event: KeyPress) => (event.ctrlKey || event.metaKey) && !event.altKey;
const plain = (event: KeyPress) => !event.ctrlKey && !event.metaKey && !event.altKey;

const tunable = ({ model }: StudioState) => model.view !== null && !model.view.alreadyQuantized;

export const ACTIONS = {
  undo: {
    label: 'Undo',
    keys: ['Ctrl', 'Z'],
    match: (event) => command(event) && !event.shiftKey && event.key.toLowerCase() === 'z',
    perform: (controller) => controller.undo(),
    enabled: ({ choices }) => choices.past.length > 0,
    whileTyping: 'idle',
  },
  redo: {
    label: 'Redo',
    keys: ['Ctrl', 'Shift', 'Z'],
    match: (event) =>
      command(event) &&
      ((event.shiftKey && event.key.toLowerCase() === 'z') || (!event.shiftKey && event.key.toLowerCase() === 'y')),
    perform: (controller) => controller.redo(),
    enabled: ({ choices }) => choices.future.length > 0,
    whileTyping: 'idle',
  },
  refresh: {
    label: 'Evaluate and verify now',
    keys: ['Ctrl', 'Enter'],
    match: (event) => command(event) && event.key === 'Enter',
    perform: (controller) => void controller.pipeline.settle(),
    whileTyping: true,
  },
  search: {
    label: 'Search the layers',
    keys: ['/'],
    match: (event) => plain(event) && event.key === '/',
    perform: () => document.getElementById('layer-search')?.focus(),
  },
  log: {
    label: 'Linear or logarithmic counts',
    keys: ['L'],
    match: (event) => plain(event) && event.key.toLowerCase() === 'l',
    perform: (_, store) => patch(store, 'ui', { logCounts: !store.getState().ui.logCounts }),
  },
  lab: {
    label: 'Open or close the range lab',
    keys: ['R'],
    match: (event) => plain(event) && event.key.toLowerCase() === 'r',
    perform: (_, store) => patch(store, 'ui', { lab: !store.getState().ui.lab }),
  },
  train: {
    label: 'Show the training',
    keys: ['T'],
    match: (event) => plain(event) && !event.shiftKey && event.key.toLowerCase() === 't',
    perform: (_, store) => patch(store, 'ui', { tab: 'train' }),
    enabled: tunable,
  },
  run: {
    label: 'Start training, pause or resume it',
    keys: ['Shift', 'T'],
    match: (event) => plain(event) && event.shiftKey && event.key.toLowerCase() === 't',
    perform: (controller, store) => {
      patch(store, 'ui', { tab: 'train' });
      controller.training.toggle();
    },
    enabled: (state) => tunable(state) && canTrain(state),
  },
  url: {
    label: 'Open a model by address',
    keys: ['U'],
    match: (event) => plain(event) && event.key.toLowerCase() === 'u',
    perform: (_, store) => patch(store, 'ui', { dialog: 'url' }),
  },
  project: {
    label: 'Save, report, share',
    keys: ['S'],
    match: (event) => plain(event) && event.key.toLowerCase() === 's',
    perform: (_, store) => patch(store, 'ui', { dialog: 'project' }),
  },
  help: {
    label: 'Show the shortcuts',
    keys: ['?'],
    match: (event) => plain(event) && event.key === '?',
    perform: (_, store) => patch(store, 'ui', { dialog: 'shortcuts' }),
  },
} satisfies Record<string, Action>;

/** Keys that work inside a panel, listed for the help only. */
export const PANEL_KEYS: readonly { readonly label: string; readonly keys: readonly string[] }[] = [
  { label: 'Move through the layers', keys: ['↑', '↓'] },
  { label: 'Select a layer; up to here; all of them', keys: ['Space', 'Shift ↑↓', 'Ctrl A'] },
  { label: 'Move a focused clip handle; a channel in the strip', keys: ['←', '→'] },
  { label: 'Finer, coarser handle steps', keys: ['Shift', 'Page ↑↓'] },
  { label: 'Zoom into a histogram, reset', keys: ['+', '−', '0'] },
];

/** The action a key press means, if any. `typing`: the focus is in a field; `idle`: with nothing typed in it yet. */
export function actionFor(event: KeyPress, typing: boolean, idle = false): Action | null {
  const all: readonly Action[] = Object.values(ACTIONS);
  const reaches = ({ whileTyping }: Action) => !typing || whileTyping === true || (whileTyping === 'idle' && idle);
  return all.find((action) => action.match(event) && reaches(action)) ?? null;
}
