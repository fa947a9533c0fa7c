import { useDeferredValue, useMemo, useState } from 'react';
import { toErrorInfo, type ErrorInfo } from '../../../base/errors';
import { readLesson } from '../../../core/lessons/read-lesson';
import type { Lesson } from '../../../core/lessons/schema';
import { FACTS } from '../../../core/lessons/vocabulary';
import { useStudio } from '../../app/studio';
import { Dialog } from '../../parts/Dialog';
import { download } from '../export/download';
import { KIND_LABELS } from './lesson-text';
import { Markdown } from './Markdown';
import { NEW_LESSON } from './new-lesson';
import { usePlayer } from './use-player';

type Read = { readonly lesson: Lesson } | { readonly error: ErrorInfo };

function readOf(text: string): Read {
  try {
    return { lesson: readLesson(text) };
  } catch (thrown) {
    return { error: toErrorInfo(thrown) };
  }
}

/** Lessons are written as text; what they look like, or what is wrong with them, follows every letter. */
export function Editor() {
  const player = usePlayer();
  const opened = useStudio((state) => state.lessons.open?.text);
  const [text, setText] = useState(opened ?? NEW_LESSON);
  const read = useMemo(() => readOf(text), [text]);
  const shown = useDeferredValue(read);
  return (
    <Dialog title="Write a lesson" onClose={() => player.show(null)}>
      <div className="lesson-editor">
        <label>
          <span className="visually-hidden">The lesson as JSON</span>
          <textarea
            className="field mono"
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <div className="lesson-preview" role="region" aria-label="Preview" tabIndex={0}>
          {'error' in shown ? (
            <div role="status">
              <p>{shown.error.message}</p>
              <ul className="mono">
                {(shown.error.details ?? []).map((detail) => (
                  <li key={detail}>{detail}</li>
                ))}
              </ul>
            </div>
          ) : (
            <Preview lesson={shown.lesson} />
          )}
        </div>
      </div>
      <details>
        <summary>Words that checks know</summary>
        <dl className="words-list">
          {Object.entries(FACTS).map(([name, { parameters, says }]) => (
            <div key={name}>
              <dt className="mono">
                {name}({parameters.map((parameter) => `"${parameter.name}"`).join(', ')})
              </dt>
              <dd>{says}</dd>
            </div>
          ))}
        </dl>
      </details>
      <div className="lesson-buttons">
        <button
          type="button"
          className="button"
          disabled={'error' in read}
          onClick={() => 'lesson' in read && download(`${read.lesson.id}.json`, new Blob([text]))}
        >
          Save the file
        </button>
        <button
          type="button"
          className="button primary"
          disabled={'error' in read}
          onClick={() => void player.open(text)}
        >
          Try it
        </button>
      </div>
    </Dialog>
  );
}

function Preview({ lesson }: { readonly lesson: Lesson }) {
  return (
    <>
      <h3>{lesson.title}</h3>
      <p>{lesson.summary}</p>
      <ol>
        {lesson.steps.map((step) => (
          <li key={step.id}>
            <b>
              {KIND_LABELS[step.kind]}: {step.title}
            </b>
            <Markdown text={step.text} />
          </li>
        ))}
      </ol>
    </>
  );
}
