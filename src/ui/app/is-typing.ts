/** Whether there is nothing typed in the element that undo would first have to be about. */
export function leavesUndo(target: EventTarget | null): boolean {
  return target instanceof HTMLSelectElement || (target instanceof HTMLElement && target.dataset.undo === 'settings');
}

/** Whether keys and pasted text belong to the element they reach. */
export function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !['range', 'checkbox', 'radio', 'button'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
