import { lazy, Suspense, useReducer, type ComponentType } from 'react';
import { ErrorBoundary } from './ErrorBoundary';

type Load<P> = () => Promise<{ default: ComponentType<P> }>;

/**
 * A part of the page that is fetched when it is first shown, behind a boundary of its own. React remembers a fetch that
 * failed for ever; here trying again fetches anew.
 *
 * @param what names it where it fails: "The view Cost"
 */
export function retriable<P extends object>(what: string, load: Load<P>): ComponentType<P> {
  let Part = lazy(load);
  return function Retriable(props: P) {
    const [, showAgain] = useReducer((count: number) => count + 1, 0);
    const retry = () => {
      Part = lazy(load);
      showAgain();
    };
    return (
      <ErrorBoundary what={what} onRetry={retry}>
        <Suspense fallback={<p className="quiet">Opening…</p>}>
          <Part {...props} />
        </Suspense>
      </ErrorBoundary>
    );
  };
}
