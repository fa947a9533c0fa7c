import { useEffect } from 'react';
import { PARTS, type Part } from '../../../core/lessons/schema';
import { patch } from '../../../state/store';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { ErrorCard } from '../../parts/ErrorCard';
import { ClassPage } from './ClassPage';
import { Editor } from './Editor';
import { Gallery } from './Gallery';
import { LessonCard } from './LessonCard';
import { TeacherPage } from './TeacherPage';
import { usePlayer } from './use-player';
import './lessons.css';

/** `?show=layer,ranges`: parts of the page by name; "ranges" opens the range lab. */
function presentedParts(text: string): { readonly parts: readonly Part[]; readonly lab: boolean } {
  const names = text.split(',').map((name) => name.trim());
  return { parts: names.filter((name): name is Part => PARTS.includes(name as Part)), lab: names.includes('ranges') };
}

/** The card of the open lesson, and what lies over the page: gallery, teacher's page, editor and class. */
export default function Lessons() {
  const player = usePlayer();
  const controller = useController();
  const store = useStudioStore();
  const { open, opening, screen, arrived, error, presenting, pointsAt } = useStudio((state) => state.lessons);
  const plan = useStudio((state) => state.results.plan);

  useEffect(() => {
    const { searchParams } = new URL(controller.options.pageUrl);
    const [lesson, show] = [searchParams.get('lesson'), searchParams.get('show')];
    if (lesson !== null) void player.openByName(lesson);
    if (show === null) return;
    const { parts, lab } = presentedParts(show);
    patch(store, 'lessons', { presenting: parts });
    // A projector washes dark grounds out.
    patch(store, 'ui', { theme: 'light', ...(lab && { lab: true }) });
  }, [player, controller, store]);

  useEffect(() => {
    if (!arrived) return;
    patch(store, 'lessons', { arrived: null });
    void player.open(arrived.text);
  }, [arrived, player, store]);

  useEffect(() => {
    if (presenting) document.documentElement.dataset.presenting = presenting.join(' ');
    else delete document.documentElement.dataset.presenting;
    const onKey = ({ key }: KeyboardEvent) => {
      if (!presenting) return;
      // What clickers send.
      if (key === 'PageDown') player.next();
      else if (key === 'PageUp') player.back();
      else if (key === 'Escape') patch(store, 'lessons', { presenting: null });
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [presenting, player, store]);

  useEffect(() => {
    const part = pointsAt && document.querySelector(`#view [data-kind="${pointsAt.part}"]`);
    if (!part) return;
    part.scrollIntoView({ block: 'start' });
    patch(store, 'lessons', { pointsAt: null });
    // Drawn once it is calibrated: then it is looked for again.
  }, [pointsAt, plan, store]);

  return (
    <>
      {error && (
        <div className="lesson-error">
          <ErrorCard title="The lesson could not be opened" error={error} onDismiss={() => player.dismissError()} />
        </div>
      )}
      {opening !== null && (
        <p className="lesson-card opening" role="status">
          Opening “{opening}”…
        </p>
      )}
      {open && <LessonCard />}
      {screen === 'gallery' && <Gallery />}
      {screen === 'teacher' && <TeacherPage />}
      {screen === 'editor' && <Editor />}
      {screen === 'class' && <ClassPage />}
    </>
  );
}
