import { useState } from 'react';
import {
  answerTo,
  failedAttempts,
  fits,
  hintsShown,
  isDone,
  isRight,
  lockedParts,
  mayGoOn,
  stepOf,
  type Progress,
} from '../../../core/lessons/progress';
import { codeOf, resultOf } from '../../../core/lessons/result';
import type { Lesson, Part, Step } from '../../../core/lessons/schema';
import { useStudio } from '../../app/studio';
import { Icon } from '../../parts/Icon';
import { download } from '../export/download';
import { Figure } from './Figure';
import { InputField } from './InputField';
import { answerText, figureText, KIND_LABELS } from './lesson-text';
import { Markdown } from './Markdown';
import { usePlayer } from './use-player';

export const PART_LABELS: Readonly<Record<Part, string>> = {
  open: 'Opening files',
  summary: 'Summary',
  list: 'Layers',
  layer: 'Layer',
  samples: 'Samples',
  diagnose: 'Diagnose',
  improve: 'Improve',
  mix: 'Mix',
  train: 'Train',
  cost: 'Cost',
  runs: 'Runs',
  findings: 'Findings',
  data: 'Data',
  settings: 'Settings',
  export: 'Export',
};

/** The lesson beside the real studio: one step at a time. */
export function LessonCard() {
  const player = usePlayer();
  const { open, progress, folded } = useStudio((state) => state.lessons);
  if (!open || !progress) return null;
  const { lesson } = open;
  const step = stepOf(lesson, progress);
  const last = progress.step === lesson.steps.length - 1;
  return (
    <aside className="lesson-card" aria-label={`Lesson: ${lesson.title}`} data-folded={folded}>
      <header>
        <h2>{lesson.title}</h2>
        <button
          type="button"
          className="button bare small icon"
          aria-expanded={!folded}
          aria-label={folded ? 'Unfold the lesson' : 'Fold the lesson away'}
          onClick={() => player.fold(!folded)}
        >
          <Icon name={folded ? 'up' : 'down'} />
        </button>
        <button
          type="button"
          className="button bare small icon"
          aria-label="Leave the lesson"
          onClick={() => player.close()}
        >
          <Icon name="close" />
        </button>
      </header>
      <Steps lesson={lesson} progress={progress} />
      {!folded && (
        <>
          <div
            className="lesson-body"
            key={step.id}
            tabIndex={0}
            role="region"
            aria-label={`${KIND_LABELS[step.kind]}: ${step.title}`}
          >
            <p className="lesson-kind">{KIND_LABELS[step.kind]}</p>
            <h3>{step.title}</h3>
            <Markdown text={step.text} />
            {step.figure && <Figure step={step} figure={step.figure} />}
            <StepBody lesson={lesson} progress={progress} step={step} />
            {progress.finished && last && <HandIn lesson={lesson} progress={progress} />}
          </div>
          <footer>
            <button type="button" className="button" disabled={progress.step === 0} onClick={() => player.back()}>
              Back
            </button>
            <span className="quiet">
              {progress.step + 1} of {lesson.steps.length}
            </span>
            <button
              type="button"
              className="button primary"
              disabled={!mayGoOn(lesson, progress) || (last && progress.finished)}
              onClick={() => player.next()}
            >
              {last ? 'Finish' : 'Next'}
            </button>
          </footer>
        </>
      )}
    </aside>
  );
}

function Steps({ lesson, progress }: { readonly lesson: Lesson; readonly progress: Progress }) {
  return (
    <ol className="lesson-steps" aria-label="Steps">
      {lesson.steps.map(({ id, title }, i) => (
        <li
          key={id}
          data-state={isDone(progress, id) ? 'done' : i === progress.step ? 'now' : 'open'}
          aria-current={i === progress.step ? 'step' : undefined}
        >
          <span className="visually-hidden">
            {title}
            {isDone(progress, id) ? ', done' : ''}
          </span>
        </li>
      ))}
    </ol>
  );
}

interface BodyProps<S extends Step = Step> {
  readonly lesson: Lesson;
  readonly progress: Progress;
  readonly step: S;
}

function StepBody(props: BodyProps) {
  const { step } = props;
  switch (step.kind) {
    case 'predict':
      return <Prediction {...props} step={step} />;
    case 'act':
      return <Action {...props} step={step} />;
    case 'observe':
      return <Observation {...props} step={step} />;
    case 'reflect':
      return <Reflection {...props} step={step} />;
  }
}

function Prediction({ lesson, progress, step }: BodyProps<Extract<Step, { kind: 'predict' }>>) {
  const player = usePlayer();
  const value = answerTo(progress, step.id);
  const done = isDone(progress, step.id);
  const locked = lockedParts(lesson, progress);
  return (
    <form
      className="lesson-form"
      onSubmit={(event) => {
        event.preventDefault();
        player.commit();
      }}
    >
      <InputField input={step.input} value={value} disabled={done} onChange={(next) => player.answer(next)} />
      {done ? (
        <p role="status">
          <Icon name="check" /> You predicted <b>{answerText(step.input, value)}</b>.
        </p>
      ) : (
        <>
          <button type="submit" className="button primary" disabled={!fits(step.input, value)}>
            Predict
          </button>
          {locked.length > 0 && (
            <p className="quiet">Locked until then: {locked.map((part) => PART_LABELS[part]).join(', ')}.</p>
          )}
        </>
      )}
    </form>
  );
}

const OUTCOMES = {
  passed: 'That is it.',
  failed: 'Not yet.',
  unknown: 'The studio is still measuring; it is looked at again as soon as the figures are there.',
} as const;

function Action({ progress, step }: BodyProps<Extract<Step, { kind: 'act' }>>) {
  const player = usePlayer();
  const outcome = useStudio((state) => state.lessons.outcome);
  const done = isDone(progress, step.id);
  const shown = hintsShown(progress, step.id);
  const failed = failedAttempts(progress, step.id);
  return (
    <form
      className="lesson-form"
      onSubmit={(event) => {
        event.preventDefault();
        player.check();
      }}
    >
      {step.fields.map(({ id, input }) => (
        <InputField
          key={id}
          input={input}
          value={answerTo(progress, step.id, id)}
          disabled={done}
          onChange={(value) => player.answer(value, id)}
        />
      ))}
      <p className="lesson-goal" data-done={done}>
        <Icon name={done ? 'check' : 'play'} /> {step.goal}
      </p>
      {!done && (
        <div className="lesson-buttons">
          <button type="submit" className="button primary">
            Check
          </button>
          {shown < step.hints.length && (
            <button type="button" className="button" onClick={() => player.hint()}>
              {shown === 0 ? 'Hint' : 'Another hint'}
            </button>
          )}
          <button type="button" className="button" onClick={() => player.point()}>
            Show where
          </button>
        </div>
      )}
      <p role="status" className="lesson-outcome" data-outcome={done ? 'passed' : outcome}>
        {done ? OUTCOMES.passed : outcome && OUTCOMES[outcome]}
        {!done && failed > 1 && ` (${failed} tries)`}
      </p>
      {step.hints.slice(0, shown).map((hint, i) => (
        <Markdown key={i} text={hint} />
      ))}
    </form>
  );
}

function Observation({ lesson, progress, step }: BodyProps<Extract<Step, { kind: 'observe' }>>) {
  const player = usePlayer();
  // Figures follow the studio, whatever of it they are of.
  useStudio(({ results }) => results);
  useStudio(({ training }) => training);
  useStudio(({ choices }) => choices);
  const about = lesson.steps.find(({ id }) => id === step.compare);
  const truth = about?.kind === 'predict' ? player.valueOf(about.truth) : undefined;
  const predicted = about && answerTo(progress, about.id);
  return (
    <>
      <dl className="lesson-figures">
        {step.figures.map(({ label, value, as }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="mono">{figureText(player.valueOf(value), as)}</dd>
          </div>
        ))}
      </dl>
      {about?.kind === 'predict' && predicted !== undefined && truth !== undefined && (
        <p className="lesson-compare" data-right={isRight(about, predicted, truth)}>
          You predicted <b>{answerText(about.input, predicted)}</b>; it is <b>{answerText(about.input, truth)}</b>.{' '}
          {isRight(about, predicted, truth) ? 'Right.' : 'That differs: what did you not expect?'}
        </p>
      )}
    </>
  );
}

function Reflection({ progress, step }: BodyProps<Extract<Step, { kind: 'reflect' }>>) {
  const player = usePlayer();
  const value = answerTo(progress, step.id);
  const done = isDone(progress, step.id);
  return (
    <form
      className="lesson-form"
      onSubmit={(event) => {
        event.preventDefault();
        player.commit();
      }}
    >
      {step.input && (
        <>
          <InputField input={step.input} value={value} disabled={done} onChange={(next) => player.answer(next)} />
          {!done && (
            <button type="submit" className="button primary" disabled={!fits(step.input, value)}>
              Answer
            </button>
          )}
        </>
      )}
      {(done || !step.input) && (
        <div role="status">
          {step.input && (
            <p className="lesson-compare" data-right={value === step.right}>
              {value === step.right ? 'Right.' : `Not quite: ${answerText(step.input, step.right)}.`}
            </p>
          )}
          <Markdown text={step.answer} />
        </div>
      )}
    </form>
  );
}

function HandIn({ lesson, progress }: { readonly lesson: Lesson; readonly progress: Progress }) {
  const player = usePlayer();
  const [name, setName] = useState('');
  const code = codeOf(resultOf(lesson, progress, name));
  const save = () => {
    const result = resultOf(lesson, progress, name);
    download(`${lesson.id}-${name.trim() || 'result'}.json`, new Blob([`${JSON.stringify(result, null, 2)}\n`]));
  };
  return (
    <section className="lesson-hand-in" aria-label="Hand in">
      <h4>Done. Hand it in?</h4>
      <label className="labelled">
        <span>Name (may be left out)</span>
        <input className="field" value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
      </label>
      <p>
        Code: <b className="mono">{code}</b>
      </p>
      <div className="lesson-buttons">
        <button type="button" className="button" onClick={save}>
          <Icon name="download" /> Save the result
        </button>
        <button type="button" className="button" onClick={() => void player.restart()}>
          Begin again
        </button>
      </div>
      <p className="quiet">Nothing was sent anywhere: give the code or the file to your teacher.</p>
    </section>
  );
}
