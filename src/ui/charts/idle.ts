/** When the page has nothing better to do: charts are first drawn then, one after the other. */
import { startTransition, useEffect, useRef, useState } from 'react';

/** Waits at most so long for the page to be idle. */
const PATIENCE_MS = 1000;

const whenIdle = () =>
  new Promise<void>((resolve) => {
    // Safari has no idle callbacks.
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve(), { timeout: PATIENCE_MS });
    else setTimeout(resolve, 0);
  });

let queue: Promise<void> = Promise.resolve();

/** Rises from 0 to `steps`, one each time the page was idle and everybody who asked earlier had a moment of their own. */
export function useIdleSteps(steps: number): number {
  const [done, setDone] = useState(0);
  useEffect(() => {
    if (done >= steps) return;
    let mounted = true;
    queue = queue.then(whenIdle).then(() => {
      if (mounted) startTransition(() => setDone(done + 1));
    });
    return () => void (mounted = false);
  }, [done, steps]);
  return done;
}

/** A chart that is redrawn over and over takes at most one part in so many of the page's time. */
const SHARE = 10;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * The newest of values that come faster than they can be drawn, as of the last time the page was idle: a training reports
 * every step, and a chart that redrew at each would leave no time for anything else.
 */
export function useIdleValue<T>(value: T): T {
  const [shown, setShown] = useState(value);
  const latest = useRef(value);
  const waiting = useRef(false);
  const began = useRef(0);
  const rest = useRef(0);
  useEffect(() => {
    // What drawing the last value took, from when it was handed over to when it stood.
    if (began.current > 0) rest.current = SHARE * (performance.now() - began.current);
  }, [shown]);
  useEffect(() => {
    latest.current = value;
    if (waiting.current) return;
    waiting.current = true;
    void pause(rest.current).then(() => {
      queue = queue.then(whenIdle).then(() => {
        waiting.current = false;
        began.current = performance.now();
        startTransition(() => setShown(latest.current));
      });
    });
  }, [value]);
  return shown;
}
