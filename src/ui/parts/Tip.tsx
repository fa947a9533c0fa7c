/**
 * Short explanations, for mouse, keyboard and finger alike. `Tip` explains a control: it opens on hover, on focus and on a
 * long press. `Hint` explains a figure or a word: it is a button of its own, which opens on hover, focus and a tap. All of
 * them share one popup, which `TipHost` loads when the first one opens; until then an explanation costs a few handlers.
 */
import {
  cloneElement,
  lazy,
  Suspense,
  useEffect,
  useRef,
  type FocusEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
} from 'react';
import { hideTip, showTip, shownTip, useShownTip, type ShownTip } from './shown-tip';
import './tip.css';

const TipPopup = lazy(() => import('./TipPopup'));

/** How long a finger rests on a control until it is explained instead of used, ms. */
const LONG_PRESS_MS = 500;
/** How long a mouse rests on it, ms. */
const HOVER_MS = 300;

type Explanation = Omit<ShownTip, 'anchor'>;

/** Opens and closes an explanation as pointer and focus come and go. */
function useExplanation(explanation: Explanation) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  /** A long press is under way or just ended: it asks what the control does, and must not do it as well. */
  const explained = useRef(false);
  const own = useRef<Element | null>(null);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      if (own.current) hideTip(own.current);
    },
    [],
  );
  const open = (anchor: Element) => {
    own.current = anchor;
    showTip({ anchor, ...explanation });
  };
  const soon = (anchor: Element, ms: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => open(anchor), ms);
  };
  const leave = ({ currentTarget }: { readonly currentTarget: Element }) => {
    clearTimeout(timer.current);
    hideTip(currentTarget);
  };
  return {
    open,
    handlers: {
      onPointerEnter: ({ pointerType, currentTarget }: PointerEvent) => {
        if (pointerType === 'mouse') soon(currentTarget, HOVER_MS);
      },
      onPointerLeave: (event: PointerEvent) => event.pointerType === 'mouse' && leave(event),
      onPointerDown: ({ pointerType, currentTarget }: PointerEvent) => {
        explained.current = false;
        clearTimeout(timer.current);
        if (pointerType !== 'touch') return;
        timer.current = setTimeout(() => {
          explained.current = true;
          open(currentTarget);
        }, LONG_PRESS_MS);
      },
      onPointerUp: () => clearTimeout(timer.current),
      onPointerCancel: () => clearTimeout(timer.current),
      onFocus: ({ currentTarget, target }: FocusEvent) => {
        // Focus that came by the keyboard; a press has its own meaning.
        if (target.matches(':focus-visible')) open(currentTarget);
      },
      onBlur: leave,
      onClickCapture: (event: MouseEvent) => {
        if (!explained.current) return;
        event.preventDefault();
        event.stopPropagation();
      },
    },
  };
}

interface TipProps {
  readonly text: string;
  /** The control, which has none of the handlers above and is otherwise left as it is. */
  readonly children: ReactElement<Record<string, unknown>>;
}

export function Tip({ text, children }: TipProps) {
  const { handlers } = useExplanation({ text });
  return cloneElement(children, { ...handlers, 'aria-description': text });
}

/** A control with a tip where there is something to say about it. */
export function Explained({ text, children }: Omit<TipProps, 'text'> & { readonly text: string | undefined }) {
  return text === undefined ? children : <Tip text={text}>{children}</Tip>;
}

interface HintProps extends Explanation {
  readonly children: ReactNode;
}

export function Hint({ title, text, children }: HintProps) {
  const { open, handlers } = useExplanation(title === undefined ? { text } : { title, text });
  return (
    <button
      type="button"
      className="hint"
      aria-description={text}
      {...handlers}
      onClick={({ currentTarget }) => open(currentTarget)}
    >
      {children}
    </button>
  );
}

/** Once in the page, beside everything that is explained. */
export function TipHost() {
  const tip = useShownTip();
  useEffect(() => {
    if (!tip) return;
    const onKeyDown = ({ key }: KeyboardEvent) => key === 'Escape' && showTip(null);
    const onPointerDown = ({ target }: Event) => {
      if (!shownTip()?.anchor.contains(target as Node)) showTip(null);
    };
    window.addEventListener('keydown', onKeyDown);
    window.addEventListener('pointerdown', onPointerDown);
    return () => {
      window.removeEventListener('keydown', onKeyDown);
      window.removeEventListener('pointerdown', onPointerDown);
    };
  }, [tip]);
  return (
    tip && (
      <Suspense fallback={null}>
        <TipPopup tip={tip} />
      </Suspense>
    )
  );
}
