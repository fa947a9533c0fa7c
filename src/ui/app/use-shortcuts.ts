import { useEffect } from 'react';
import { useController, useStudioStore } from './studio';
import { actionFor } from './actions';
import { isTyping, leavesUndo } from './is-typing';

export function useShortcuts(): void {
  const controller = useController();
  const store = useStudioStore();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || store.getState().ui.dialog !== null) return;
      const action = actionFor(event, isTyping(event.target), leavesUndo(event.target));
      if (!action || action.enabled?.(store.getState()) === false) return;
      event.preventDefault();
      action.perform(controller, store);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [controller, store]);
}
