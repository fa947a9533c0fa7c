import type { KeyboardEvent } from 'react';
import './tabs.css';

interface Props<T extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly value: T; readonly label: string; readonly mark?: string }[];
  readonly value: T;
  /** Id of the panel they switch. */
  readonly panel: string;
  readonly onChange: (value: T) => void;
}

/** Tabs by the ARIA pattern: one in the tab order, arrow keys move. `mark` says that there is something to see. */
export function Tabs<T extends string>({ label, tabs, value, panel, onChange }: Props<T>) {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.value === value);
    const next = (at + step + tabs.length) % tabs.length;
    onChange(tabs[next]!.value);
    (event.currentTarget.children[next] as HTMLElement).focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab.value}
          type="button"
          role="tab"
          id={`tab-${tab.value}`}
          aria-selected={tab.value === value}
          aria-controls={panel}
          tabIndex={tab.value === value ? 0 : -1}
          onClick={() => onChange(tab.value)}
        >
          {tab.label}
          {tab.mark !== undefined && <span className="badge">{tab.mark}</span>}
        </button>
      ))}
    </div>
  );
}
