import { lazy, Suspense, useState } from 'react';
import { ErrorBoundary } from '../../parts/ErrorBoundary';
import { useController, useStudio } from '../../app/studio';

const Lessons = lazy(() => import('./Lessons'));

/** Loads what belongs to lessons as soon as there is one, and not before. */
export function LessonsHost() {
  const controller = useController();
  const isAsked = useStudio(
    ({ lessons }) => (lessons.open ?? lessons.opening ?? lessons.screen ?? lessons.arrived ?? lessons.error) !== null,
  );
  const [isLoaded, setLoaded] = useState(() => {
    const { searchParams } = new URL(controller.options.pageUrl);
    return searchParams.has('lesson') || searchParams.has('show');
  });
  if (isAsked && !isLoaded) setLoaded(true);
  if (!isLoaded) return null;
  return (
    <ErrorBoundary what="The lesson">
      <Suspense fallback={null}>
        <Lessons />
      </Suspense>
    </ErrorBoundary>
  );
}
