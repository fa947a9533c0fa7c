import { useEffect } from 'react';
import { useStudio } from '../../app/studio';
import { Dialog } from '../../parts/Dialog';
import { usePlayer } from './use-player';

/** All lessons: those that come with the studio, and others that were begun. */
export function Gallery() {
  const player = usePlayer();
  const { list, kept, open } = useStudio((state) => state.lessons);
  // However it was opened, from the header or by a lesson: what is listed is asked for here.
  useEffect(() => void player.list(), [player]);
  const minutes = (list ?? []).reduce((sum, entry) => sum + entry.minutes, 0);
  return (
    <Dialog title="Lessons" onClose={() => player.show(null)}>
      <p className="quiet">
        Predict, act on the real studio, see what comes of it. Nothing leaves this computer, and the same numbers come
        out for the whole room. {minutes > 0 && `About ${Math.round(minutes / 60)} hours in all.`} A lesson file can
        also be dropped on the page.
      </p>
      {list === null && <p role="status">Fetching the list…</p>}
      <ul className="lesson-gallery">
        {(list ?? []).map(({ id, title, summary, minutes: each, trains }) => {
          const begun = kept.find((lesson) => lesson.id === id);
          return (
            <li key={id}>
              <button type="button" onClick={() => void player.openByName(id)}>
                <b>{title}</b>
                <span>{summary}</span>
                <span className="quiet">
                  {each} min{trains ? ' · trains' : ''}
                  {begun && (begun.finished ? ' · done' : ` · at step ${begun.step + 1} of ${begun.steps}`)}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      <div className="lesson-buttons">
        <button type="button" className="button" onClick={() => player.show('class')}>
          Results of a class…
        </button>
        <button type="button" className="button" onClick={() => player.show('editor')}>
          Write a lesson…
        </button>
        <button type="button" className="button" disabled={!open} onClick={() => player.show('teacher')}>
          Teacher’s page of this lesson…
        </button>
      </div>
    </Dialog>
  );
}
