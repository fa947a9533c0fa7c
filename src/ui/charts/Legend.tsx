import type { ReactNode } from 'react';
import './legend.css';

export interface LegendItem {
  readonly id: string;
  readonly look: 'area' | 'line' | 'dashed' | 'dotted';
  readonly of: 'float' | 'quant' | 'qat' | 'good' | 'bad' | 'ink' | 'faint';
  readonly label: ReactNode;
}

/** Which line is which: told apart by their strokes as well as by colour. */
export function Legend({ items }: { items: readonly LegendItem[] }) {
  return (
    <ul className="legend">
      {items.map(({ id, look, of, label }) => (
        <li key={id}>
          <LegendKey look={look} of={of} />
          <span>{label}</span>
        </li>
      ))}
    </ul>
  );
}

export function LegendKey({ look, of }: Pick<LegendItem, 'look' | 'of'>) {
  return (
    <svg width="18" height="10" aria-hidden="true" data-look={look} data-of={of}>
      {look === 'area' ? <rect x="0.5" y="1.5" width="17" height="7" /> : <path d="M0 5H18" />}
    </svg>
  );
}
