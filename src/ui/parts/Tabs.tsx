import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import { Icon } from './Icon';
import './tabs.css';

interface Tab<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly mark?: string;
  /** What it leads to waits for something: seen before it is opened. */
  readonly locked?: boolean;
}

interface Props<T extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<T>[];
  readonly value: T;
  /** Id of the panel they switch. */
  readonly panel: string;
  readonly onChange: (value: T) => void;
}

/** Tabs: one in the tab order, arrow keys move and switch at once. `mark` says that there is something to see. */
export function Tabs<T extends string>({ label, tabs, value, panel, onChange }: Props<T>) {
  return (
    <BaseTabs.Root value={value} onValueChange={(next) => onChange(next as T)}>
      <BaseTabs.List className="tabs" aria-label={label} activateOnFocus>
        {tabs.map((tab) => (
          <BaseTabs.Tab key={tab.value} value={tab.value} id={`tab-${tab.value}`} aria-controls={panel}>
            {tab.label}
            {tab.locked && (
              <span className="tab-lock">
                <Icon name="lock" />
                <span className="visually-hidden">, locked</span>
              </span>
            )}
            {tab.mark !== undefined && <span className="badge">{tab.mark}</span>}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
    </BaseTabs.Root>
  );
}
