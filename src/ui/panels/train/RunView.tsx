import { useMemo, type ReactNode } from 'react';
import type { Score } from '../../../jobs/contract/judgement-protocol';
import type { EpochFigures } from '../../../jobs/contract/qat-protocol';
import { comparedWith } from '../../../state/results/comparison';
import { formatsInWords } from '../../../core/quantize/formats-in-words';
import { epochOf, isUnderWay, type TrainingRun } from '../../../state/slices/training';
import { duration, integer, milliseconds, percent, real, timeLeft } from '../../parts/format';
import { Icon } from '../../parts/Icon';
import { useController, useStudio } from '../../app/studio';
import { CurveChart } from './CurveChart';
import { accuracyCurves, lossCurves, type Level } from './curves';
import { EpochTable } from './EpochTable';
import { RangeTrail } from './RangeTrail';
import { settingsInWords } from './settings-table';
import { paceOf } from './pace';
import { Hint } from '../../parts/Tip';

/** A run while it lasts, and its curves when it is over. */
export function RunView({ run }: { run: TrainingRun }) {
  return (
    <section className="run" aria-label="Training run">
      {isUnderWay(run) && <Controls run={run} />}
      <Curves run={run} />
      <RangeTrail run={run} />
      <EpochTable history={run.progress?.history ?? []} best={run.best?.epoch ?? null} />
      <p className="quiet">
        {formatsInWords(run.from)} · {settingsInWords(run.training)}
        {run.best && ` · ${run.best.objective}`}
      </p>
      {run.best?.notes.map((note) => (
        <p key={note} className="quiet">
          {note}
        </p>
      ))}
    </section>
  );
}

function Controls({ run }: { run: TrainingRun }) {
  const controller = useController();
  const job = useStudio((state) => state.jobs.running.find(({ name }) => name === 'qat') ?? null);
  const backend = useStudio(({ jobs, training }) => training.run?.progress?.backend ?? jobs.backend);
  const paused = run.state === 'paused';
  const { progress, training, best } = run;
  const pace = paceOf(run);
  const left = job?.progress.remainingMs;
  const fraction = job?.progress.fraction ?? 0;
  const accuracy = best?.history.find(({ epoch }) => epoch === best.epoch)?.validationAccuracy ?? null;
  return (
    <>
      <div className="run-head">
        <p role="status">
          <b>{paused ? 'Paused' : (job?.progress.stage ?? 'Starting')}</b>
        </p>
        <span className="quiet">{!paused && left !== undefined && left > 900 && timeLeft(left)}</span>
        <div className="actions">
          <button
            type="button"
            className="button"
            onClick={() => (paused ? controller.training.resume() : controller.training.pause())}
          >
            <Icon name={paused ? 'play' : 'pause'} />
            {paused ? 'Resume' : 'Pause'}
          </button>
          <button type="button" className="button" onClick={() => void controller.training.cancel()}>
            <Icon name="close" />
            Cancel
          </button>
        </div>
      </div>
      <div
        className="meter"
        role="progressbar"
        aria-label="Training"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * fraction)}
      >
        <i style={{ transform: `scaleX(${fraction})` }} />
      </div>
      <dl className="run-figures">
        <Cell name="Epoch">{progress ? `${epochOf(run)} of ${training.epochs}` : '–'}</Cell>
        <Cell name="Step">{progress ? `${integer(progress.step)} of ${integer(progress.steps)}` : '–'}</Cell>
        <Cell name="Time per step" explain="Reading its samples included">
          {pace === null ? '–' : milliseconds(pace)}
        </Cell>
        <Cell name="Runs on">{backend ?? '–'}</Cell>
        <Cell name="So far">{duration(run.milliseconds)}</Cell>
        <Cell name="Best so far" explain="By the samples kept apart for validation; it is kept whatever happens">
          {best === null
            ? '–'
            : best.epoch === 0
              ? 'untrained'
              : `epoch ${best.epoch}${accuracy === null ? '' : `, ${percent(accuracy)}`}`}
        </Cell>
      </dl>
    </>
  );
}

function Cell({ name, explain, children }: { name: string; explain?: string; children: ReactNode }) {
  return (
    <div>
      <dt>{explain === undefined ? name : <Hint text={explain}>{name}</Hint>}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Curves({ run }: { run: TrainingRun }) {
  const history = run.progress?.history ?? NO_HISTORY;
  const evaluation = useStudio((state) => comparedWith(state)?.evaluation ?? state.results.evaluation);
  const float = evaluation?.value.float;
  const shown = useMemo(() => curvesAndLevels(history, run.trace, float), [history, run.trace, float]);
  const { epochs } = run.training;
  return (
    <div className="curve-pair">
      <CurveChart
        title="Loss"
        axis="Loss"
        curves={shown.loss}
        levels={shown.lossLevels}
        epochs={epochs}
        limits={POSITIVE}
        text={lossText}
        empty="The loss is drawn from the first step on."
      />
      {(shown.accuracy.length > 0 || history.length === 0) && (
        <CurveChart
          title="Accuracy"
          axis="Accuracy, %"
          curves={shown.accuracy}
          levels={shown.accuracyLevels}
          epochs={epochs}
          limits={SHARE}
          text={accuracyText}
          empty="The accuracy is drawn from the first validation on."
        />
      )}
    </div>
  );
}

const NO_HISTORY: readonly EpochFigures[] = [];
const POSITIVE = [0, Infinity] as const;
const SHARE = [0, 1] as const;
const accuracyText = (value: number) => percent(value);
const lossText = (value: number) => real(value, 3);

function curvesAndLevels(history: readonly EpochFigures[], trace: TrainingRun['trace'], float: Score | undefined) {
  const untrained = history[0];
  const levelOf = (value: number | null | undefined): Level[] =>
    typeof value === 'number' ? [{ id: 'untrained', label: 'quantized, untrained', value }] : [];
  const floatLevel: Level[] =
    float?.metric === 'top1' ? [{ id: 'float', label: 'float, evaluation samples', value: float.value }] : [];
  const accuracy = accuracyCurves(history);
  return {
    loss: lossCurves(history, trace),
    lossLevels: levelOf(untrained?.validationLoss),
    accuracy,
    accuracyLevels: accuracy.length > 0 ? [...levelOf(untrained?.validationAccuracy), ...floatLevel] : [],
  };
}
