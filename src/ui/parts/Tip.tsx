/**
 * Short explanations, for mouse, keyboard and finger alike. `Tip` explains a control: it opens on hover, on focus and on a
 * long press. `Hint` explains a figure or a word: it is a button of its own, which opens on hover, Enter and a tap. All of
 * them share one popup each, so that a list of hundreds costs little; `TipHost` holds the popups.
 */
import { Popover } from '@base-ui/react/popover';
import { Tooltip } from '@base-ui/react/tooltip';
import { useId, useRef, type MouseEvent, type PointerEvent, type ReactElement, type ReactNode } from 'react';
import './tip.css';

const tips = Tooltip.createHandle<string>();
const hints = Popover.createHandle<Explanation>();

interface Explanation {
  readonly title?: string;
  readonly text: string;
}

/** How long a finger rests on a control until it is explained instead of used, ms. */
const LONG_PRESS_MS = 500;
const DELAY_MS = 300;

interface TipProps {
  readonly text: string;
  /** The control, which is otherwise left as it is. */
  readonly children: ReactElement<Record<string, unknown>>;
}

export function Tip({ text, children }: TipProps) {
  const id = useId();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const explained = useRef(false);
  const release = () => clearTimeout(timer.current);
  return (
    <Tooltip.Trigger
      id={id}
      handle={tips}
      payload={text}
      delay={DELAY_MS}
      render={children}
      aria-description={text}
      onPointerDown={({ pointerType }: PointerEvent) => {
        explained.current = false;
        if (pointerType !== 'touch') return;
        timer.current = setTimeout(() => {
          explained.current = true;
          tips.open(id);
        }, LONG_PRESS_MS);
      }}
      onPointerUp={release}
      onPointerCancel={release}
      onClickCapture={(event: MouseEvent) => {
        if (!explained.current) return;
        // A long press asks what the control does: it must not do it as well.
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}

/** A control with a tip where there is something to say about it. */
export function Explained({ text, children }: Omit<TipProps, 'text'> & { readonly text: string | undefined }) {
  return text === undefined ? children : <Tip text={text}>{children}</Tip>;
}

interface HintProps extends Explanation {
  /** Says what the button is for, where the word alone does not. */
  readonly label?: string;
  readonly children: ReactNode;
}

export function Hint({ title, text, label, children }: HintProps) {
  return (
    <Popover.Trigger
      className="hint"
      handle={hints}
      payload={title === undefined ? { text } : { title, text }}
      openOnHover
      delay={DELAY_MS}
      aria-description={text}
      {...(label !== undefined && { 'aria-label': label })}
    >
      {children}
    </Popover.Trigger>
  );
}

/** Once in the page, beside everything that is explained. */
export function TipHost() {
  return (
    <>
      <Tooltip.Root handle={tips}>
        {({ payload }) => (
          <Tooltip.Portal>
            <Tooltip.Positioner className="tip-place" sideOffset={6} collisionPadding={8}>
              <Tooltip.Popup className="tip">{payload}</Tooltip.Popup>
            </Tooltip.Positioner>
          </Tooltip.Portal>
        )}
      </Tooltip.Root>
      <Popover.Root handle={hints}>
        {({ payload }) => (
          <Popover.Portal>
            <Popover.Positioner className="tip-place" sideOffset={6} collisionPadding={8}>
              <Popover.Popup className="tip" initialFocus={false}>
                {payload?.title !== undefined && <Popover.Title>{payload.title}</Popover.Title>}
                <Popover.Description>{payload?.text}</Popover.Description>
              </Popover.Popup>
            </Popover.Positioner>
          </Popover.Portal>
        )}
      </Popover.Root>
    </>
  );
}
