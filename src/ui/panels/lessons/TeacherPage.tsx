import { useStudio } from '../../app/studio';
import { Dialog } from '../../parts/Dialog';
import { KIND_LABELS } from './lesson-text';
import { Markdown } from './Markdown';
import { usePlayer } from './use-player';

/** What a teacher wants on paper: goal, mistakes, every step with its answer. */
export function TeacherPage() {
  const player = usePlayer();
  const lesson = useStudio((state) => state.lessons.open?.lesson);
  if (!lesson) return null;
  const { teacher, steps, sources } = lesson;
  return (
    <Dialog title={`Teacher’s page: ${lesson.title}`} onClose={() => player.show(null)}>
      <article className="teacher-page">
        <dl>
          <dt>Goal</dt>
          <dd>{teacher.goal}</dd>
          <dt>Time</dt>
          <dd>{lesson.minutes} minutes</dd>
          <dt>What students get wrong</dt>
          <dd>
            <ul>
              {teacher.mistakes.map((mistake) => (
                <li key={mistake}>{mistake}</li>
              ))}
            </ul>
          </dd>
          <dt>Question for the room</dt>
          <dd>{teacher.question}</dd>
          <dt>Figure to show</dt>
          <dd>{teacher.figure}</dd>
        </dl>
        <h3>Answer key</h3>
        <ol>
          {steps.map((step) => (
            <li key={step.id}>
              <b>
                {KIND_LABELS[step.kind]}: {step.title}
              </b>
              <Markdown text={step.text} />
              {step.kind === 'predict' && (
                <p>
                  Key: <code>{player.valueOf(step.truth)?.toString() ?? step.truth}</code>
                  {step.near !== undefined && step.near > 0 && `, right within ${step.near}`}
                </p>
              )}
              {step.kind === 'act' && (
                <>
                  <p>
                    Check: <code>{step.check}</code>
                  </p>
                  <Markdown text={step.solution} />
                </>
              )}
              {step.kind === 'reflect' && <Markdown text={step.answer} />}
            </li>
          ))}
        </ol>
        {sources.length > 0 && <h3>Sources</h3>}
        <ul>
          {sources.map(({ title, link }) => (
            <li key={title}>
              {link ? (
                <a href={link} target="_blank" rel="noreferrer">
                  {title}
                </a>
              ) : (
                title
              )}
            </li>
          ))}
        </ul>
      </article>
      <div className="lesson-buttons no-print">
        <button type="button" className="button primary" onClick={() => window.print()}>
          Print
        </button>
      </div>
    </Dialog>
  );
}
