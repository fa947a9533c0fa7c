import { ACTIONS, type Action } from '../actions';
import { useTheme } from '../use-theme';
import { Icon, type IconName } from '../../parts/Icon';
import { useController, useStudio, useStudioStore } from '../studio';
import { JobStatus } from './JobStatus';
import { OpenControls } from './OpenControls';
import { Tip } from '../../parts/Tip';
import './header.css';

export function Header() {
  const { theme, cycle } = useTheme();
  return (
    <header className="header">
      <h1 className="wordmark">
        <Mark />
        Rangefinder
      </h1>
      <OpenControls />
      <JobStatus />
      <div className="header-tools">
        <ActionButton action={ACTIONS.undo} icon="undo" />
        <ActionButton action={ACTIONS.redo} icon="redo" />
        <Tip text="Light or dark">
          <button
            type="button"
            className="button bare icon"
            aria-label={`Theme: ${theme}. Switch between light and dark`}
            onClick={cycle}
          >
            <Icon name={theme === 'dark' ? 'moon' : theme === 'light' ? 'sun' : 'auto'} />
          </button>
        </Tip>
        <ActionButton action={ACTIONS.project} icon="share" />
        <ActionButton action={ACTIONS.help} icon="help" />
      </div>
    </header>
  );
}

function ActionButton({ action, icon }: { action: Action; icon: IconName }) {
  const controller = useController();
  const store = useStudioStore();
  const enabled = useStudio((state) => action.enabled?.(state) ?? true);
  return (
    <Tip text={`${action.label} (${action.keys.join('+')})`}>
      <button
        type="button"
        className="button bare icon"
        disabled={!enabled}
        aria-label={action.label}
        onClick={() => action.perform(controller, store)}
      >
        <Icon name={icon} />
      </button>
    </Tip>
  );
}

/** A distribution between two clip handles: what the studio is about. */
function Mark() {
  return (
    <svg width="24" height="20" viewBox="0 0 24 20" aria-hidden="true">
      <path d="M1 17c4.5 0 6-14 11-14s6.5 14 11 14" fill="var(--float-fill)" stroke="var(--float)" strokeWidth="1.8" />
      <path d="M6 2v16M18 2v16" stroke="var(--quant)" strokeWidth="1.8" strokeLinecap="round" />
    </svg>
  );
}
