import { useEffect } from 'react';
import { useController, useStudioStore } from '../studio';
import { isTyping } from '../is-typing';
import { readDrop } from './read-drop';

/** What is pasted anywhere but in a field is opened: files as if dropped, an address as if typed. */
export function usePaste(): void {
  const controller = useController();
  const store = useStudioStore();
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if (!event.clipboardData || store.getState().ui.dialog !== null || isTyping(event.target)) return;
      const address = event.clipboardData.getData('text/plain').trim();
      if (event.clipboardData.files.length > 0) void controller.opener.openFiles(readDrop(event.clipboardData));
      else if (/^https?:\/\/\S+$/i.test(address)) void controller.opener.openUrl(address);
      else return;
      event.preventDefault();
    };
    window.addEventListener('paste', onPaste);
    return () => window.removeEventListener('paste', onPaste);
  }, [controller, store]);
}
