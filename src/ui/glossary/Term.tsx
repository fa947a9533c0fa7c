import { useRef, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { TERMS, type TermId } from './terms';
import './term.css';

/** A word that explains itself when it is clicked, tapped or chosen with the keyboard; Escape or another tap closes it. */
export function Term({ of, children }: { readonly of: TermId; readonly children: ReactNode }) {
  // An explanation that is closed is no part of the text around it.
  const [open, setOpen] = useState(false);
  const card = useRef<HTMLDivElement>(null);
  const { title, says } = TERMS[of];
  return (
    <>
      <button
        type="button"
        className="term"
        aria-label={`${title}: what it means`}
        onClick={(event) => {
          // Beneath the word, or above where there is no room, and within the window.
          const { left, bottom, top } = event.currentTarget.getBoundingClientRect();
          const { style } = card.current!;
          flushSync(() => setOpen(true));
          card.current!.togglePopover();
          const { offsetWidth, offsetHeight } = card.current!;
          style.left = `${Math.max(8, Math.min(left, window.innerWidth - offsetWidth - 8))}px`;
          style.top = `${bottom + offsetHeight + 12 < window.innerHeight ? bottom + 4 : Math.max(8, top - offsetHeight - 4)}px`;
        }}
      >
        {children}
      </button>
      <div
        ref={card}
        popover="auto"
        className="term-card"
        role="note"
        onToggle={({ newState }) => setOpen(newState === 'open')}
      >
        {open && (
          <>
            <b>{title}</b>
            <p>{says}</p>
          </>
        )}
      </div>
    </>
  );
}
