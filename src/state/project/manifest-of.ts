import type { ChoicesRecord, Manifest } from '../../core/project/manifest';
import { PROJECT_VERSION } from '../../core/project/version';
import { withDefaults } from '../../core/training/settings';
import { isBuiltInTab } from './views';
import type { Choices, ChoicesSlice } from '../slices/choices';
import type { StudioState } from '../store';

/** The work of this moment, without files; null without a model. */
export function manifestOf(state: StudioState, savedAt: Date): Manifest | null {
  const { model, data, choices, runs, ui, selection, samples } = state;
  if (!model.view) return null;
  const { view } = data;
  return {
    kind: 'rangefinder-project',
    version: PROJECT_VERSION,
    generator: 'Rangefinder',
    savedAt: savedAt.toISOString(),
    model: {
      name: model.view.name,
      fingerprint: model.view.fingerprint,
      files: [],
      ...(samples.current !== null && { sample: samples.current }),
    },
    data: view && !data.fromBefore ? { name: view.name, kind: view.kind, samples: view.samples, files: [] } : null,
    choices: record(choices.present),
    past: choices.past.map(record),
    future: choices.future.map(record),
    view: { tab: ui.tab, side: ui.side, layer: selection.layer },
    runs: [...runs.list],
    trained: [],
  };
}

function record({ settings, data, training }: Choices): ChoicesRecord {
  const { preprocessing, ...split } = data;
  return {
    settings,
    data: { ...split, ...(preprocessing && { preprocessing: preprocessing.map((step) => ({ ...step }) as never) }) },
    training: { ...training },
  };
}

/** The choices of a manifest, with defaults for what it does not say. */
export function choicesOf({
  choices,
  past = [],
  future = [],
}: Pick<Manifest, 'choices' | 'past' | 'future'>): ChoicesSlice {
  return { past: past.map(restored), present: restored(choices), future: future.map(restored), coalesce: null };
}

function restored({ settings, data, training = {} }: ChoicesRecord): Choices {
  return { settings, data, training: withDefaults(training) };
}

/** Where the person looked; what this page does not have is left alone. */
export function viewOf({ view }: Pick<Manifest, 'view'>): Partial<StudioState['ui']> {
  if (!view) return {};
  return {
    ...(isBuiltInTab(view.tab) && { tab: view.tab }),
    ...((view.side === 'data' || view.side === 'settings' || view.side === 'export') && { side: view.side }),
  };
}
