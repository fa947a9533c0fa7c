import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { useRef, type ReactNode } from 'react';
import { Icon } from './Icon';
import './dialog.css';

/** A modal: focus stays inside, Escape and a press outside close it. Mounted means open. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const popup = useRef<HTMLDivElement>(null);
  // What is opened to be typed into is typed into; otherwise the focus begins with the first button.
  const field = () => popup.current?.querySelector<HTMLElement>('[data-focus]') ?? true;
  return (
    <BaseDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="dialog-backdrop" />
        <BaseDialog.Popup ref={popup} className="dialog" initialFocus={field}>
          <header>
            <BaseDialog.Title>{title}</BaseDialog.Title>
            <BaseDialog.Close className="button bare icon" aria-label="Close">
              <Icon name="close" />
            </BaseDialog.Close>
          </header>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
