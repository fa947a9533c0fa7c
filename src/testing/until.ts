import { onTestFailed } from 'vitest';

/**
 * Turns the event loop until `check` passes. It has no time limit of its own: a state that never comes is what the limit of
 * the test is for, and the assertion that did not hold until then is printed with it.
 */
export async function until(check: () => void): Promise<void> {
  let last: unknown;
  let holds = false;
  onTestFailed(() => {
    if (!holds && last !== undefined) console.error('Still waiting for:', last);
  });
  while (!holds) {
    try {
      check();
      holds = true;
    } catch (error) {
      last = error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}
