import type { ReactNode } from 'react';
import './legend.css';

export interface LegendItem {
  readonly id: string;
  readonly look: 'area' | 'line' | 'dashed' | 'dotted';
  readonly of: 'float' | 'quant' | 'qat' | 'ink' | 'faint';
  readonly label: ReactNode;
}

/** Which line is which: told apart by their strokes as well as by colour. */
export function Legend({ items }: { items: readonly LegendItem[] }) {
  return (
    <ul className="legend">
      {items.map(({ id, look, of, label }) => (
        <li key={id}>
          <svg width="18" height="10" aria-hidden="true" data-look={look} data-of={of}>
            {look === 'area' ? <rect y="1" width="18" height="8" /> : <path d="M0 5H18" />}
          </svg>
          <span>{label}</span>
        </li>
      ))}
    </ul>
  );
}
