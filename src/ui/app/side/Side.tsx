import { useShallow } from 'zustand/react/shallow';
import { fileState } from '../../../state/autopilot/file-ready';
import { wantsData } from '../../../state/autopilot/next-step';
import { isTunable } from '../../../state/slices/model';
import type { Side as SideName } from '../../../state/slices/ui';
import { patch, settingsOf, type StudioState } from '../../../state/store';
import { DataPanel } from '../../panels/data/DataPanel';
import { ExportPanel } from '../../panels/export/ExportPanel';
import { RulesPanel } from '../../panels/rules/RulesPanel';
import { ModelSettings } from '../../panels/settings/ModelSettings';
import { Tabs } from '../../parts/Tabs';
import { useStudio, useStudioStore } from '../studio';
import { hiddenBy, locksOf } from '../../../state/slices/lessons';
import { LockNote, lockedProps, useLock } from '../use-lock';

interface Part {
  readonly label: string;
  readonly panels: () => React.ReactNode;
  /** What there is to see while another part is shown. */
  readonly mark: (state: StudioState) => string | null;
}

const PARTS: Readonly<Record<SideName, Part>> = {
  data: {
    label: 'Data',
    panels: () => <DataPanel />,
    mark: (state) => (state.data.error || wantsData(state) ? '!' : null),
  },
  settings: {
    label: 'Settings',
    panels: () => (
      <>
        <ModelSettings />
        <RulesPanel />
      </>
    ),
    mark: (state) => {
      const { layers, tensors, rules } = settingsOf(state);
      const own = Object.keys(layers).length + Object.keys(tensors).length + (rules?.length ?? 0);
      return own > 0 ? String(own) : null;
    },
  },
  export: {
    label: 'Export',
    panels: () => <ExportPanel />,
    mark: (state) => (fileState(state) === 'blocked' ? '!' : null),
  },
};
const NAMES = Object.keys(PARTS) as SideName[];

/** The right column: what goes in, how it is quantized, what comes out. Data first, since everything rests on it. */
export function Side() {
  const store = useStudioStore();
  const side = useStudio((state) => state.ui.side);
  const tunable = useStudio(({ model }) => isTunable(model));
  const locked = useLock(side);
  const locks = useStudio(({ lessons }) => locksOf(lessons));
  const hidden = useStudio(({ lessons }) => hiddenBy(lessons));
  const marks = useStudio(useShallow((state) => NAMES.map((name) => PARTS[name].mark(state))));
  return (
    <div className="column" data-place="side">
      <Tabs
        label="Data, settings and export"
        tabs={NAMES.map((value, i) => ({
          value,
          label: PARTS[value].label,
          locked: locks.includes(value),
          ...(marks[i] !== null && { mark: marks[i] }),
        })).filter(({ value }) => !hidden.includes(value))}
        value={side}
        panel="side"
        onChange={(value) => patch(store, 'ui', { side: value })}
      />
      <div
        key={side}
        id="side"
        className="column scroll"
        role="tabpanel"
        aria-labelledby={`tab-${side}`}
        {...lockedProps(locked)}
        // Where nothing in it can be changed, it can still be scrolled with the keyboard.
        tabIndex={tunable ? -1 : 0}
      >
        <LockNote locked={locked} />
        {PARTS[side].panels()}
      </div>
    </div>
  );
}
