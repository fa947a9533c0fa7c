import type { ReactNode } from 'react';
import { comparedWith, trainedInUse } from '../../../state/results/comparison';
import { bitsInWords, formatsInWords } from '../../../core/quantize/formats-in-words';
import { freshness } from '../../../state/slices/results';
import { isUnderWay, type Trained, type TrainingRun } from '../../../state/slices/training';
import { obstacle } from '../../../state/edits/storable';
import { settingsOf, type StudioState } from '../../../state/store';
import { bytes, decibels, deltaText, deltaTone, integer, percent, scoreText } from '../../parts/format';
import { ErrorCard } from '../../parts/ErrorCard';
import { useController, useStudio } from '../../app/studio';
import { verdict } from './verdict';

/** What came of a run that ended without being taken over: why, and the ways on. */
export function Ended({ run }: { run: TrainingRun }) {
  const controller = useController();
  const inUse = useStudio((state) => run.best !== null && settingsOf(state).trained === run.best.id);
  const { state, best, error, started } = run;
  const moved = useStudio((s) => settingsOf(s) !== started);
  if (isUnderWay(run) || inUse) return null;
  const trained = best !== null && best.epoch > 0;
  const actions = (
    <>
      {trained && (
        <button type="button" className="button small primary" onClick={() => controller.training.take()}>
          Keep epoch {best.epoch}
          {accuracyOf(best)}
        </button>
      )}
      <button type="button" className="button small" onClick={() => controller.training.dismiss()}>
        Dismiss
      </button>
    </>
  );
  if (state === 'failed')
    return (
      <ErrorCard title="Training ended early" error={error!}>
        {actions}
      </ErrorCard>
    );
  return (
    <div className="ended" role="status">
      <p>
        {state === 'stopped'
          ? trained
            ? `Stopped. Epoch ${best.epoch} was the best until then.`
            : 'Stopped before an epoch was better than the quantized model; nothing was changed.'
          : trained
            ? moved
              ? `Done, for ${formatsInWords(run.from)}. Settings were changed since, so the trained weights are not in use.`
              : `Done, for ${formatsInWords(run.from)}. The trained weights are not in use.`
            : 'No epoch was better than the quantized model: nothing was changed. A smaller learning rate may help.'}
      </p>
      <div className="actions">{actions}</div>
    </div>
  );
}

function accuracyOf(best: Trained): string {
  const accuracy = best.history.find(({ epoch }) => epoch === best.epoch)?.validationAccuracy;
  return typeof accuracy === 'number' ? ` (${percent(accuracy)})` : '';
}

/** What trained weights in use bought and cost, by evaluation and, where there is a file, by the file itself. */
export function Bought() {
  const trained = useStudio(trainedInUse);
  const before = useStudio((state) => comparedWith(state)?.evaluation?.value ?? null);
  const after = useStudio((state) => fresh(state, 'evaluation')?.value ?? null);
  const exported = useStudio((state) => fresh(state, 'exported')?.value.bytes.length ?? null);
  const exportedBefore = useStudio((state) => comparedWith(state)?.exported?.value.bytes.length ?? null);
  if (!trained) return null;
  if (!before || !after) return <p className="quiet">Evaluating what was trained…</p>;
  const sentence = verdict({
    float: after.float,
    before: before.quantized,
    after: after.quantized,
    bits: bitsInWords(trained.from),
    epochs: trained.epochs,
    milliseconds: trained.milliseconds,
    size: exported !== null && exportedBefore !== null ? { before: exportedBefore, after: exported } : null,
  });
  return <p className="bought-sentence">{sentence}</p>;
}

function fresh<K extends 'evaluation' | 'exported' | 'verification'>(state: StudioState, slot: K) {
  const { results } = state;
  const known = freshness(results[slot], settingsOf(state), results.basis) === 'fresh';
  return known ? results[slot] : null;
}

/** Float, quantized, trained: one table. */
export function Columns() {
  const trained = useStudio(trainedInUse);
  const before = useStudio(comparedWith);
  const after = useStudio((state) => fresh(state, 'evaluation')?.value ?? null);
  const exported = useStudio((state) => fresh(state, 'exported')?.value ?? null);
  const verification = useStudio((state) => fresh(state, 'verification')?.value ?? null);
  const floatBytes = useStudio((state) => state.model.view?.floatBytes ?? null);
  const blocked = useStudio(({ results }) => results.plan !== null && obstacle(results.plan.value) !== null);
  const evaluation = before?.evaluation?.value;
  if (!trained || !evaluation || !after) return null;
  const { metric } = after.quantized;
  const size = (length: number | undefined) => (length === undefined ? '–' : bytes(length));
  const simulation = verification?.simulation;
  return (
    <>
      <table className="trained-columns">
        <thead>
          <tr>
            <th scope="col">{formatsInWords(trained.from)}</th>
            <th scope="col" className="of-float">
              Float
            </th>
            <th scope="col" className="of-quant">
              PTQ
            </th>
            <th scope="col" className="of-qat">
              QAT
            </th>
          </tr>
        </thead>
        <tbody>
          <Row name={`Score, ${integer(after.quantized.samples)} samples`}>
            {scoreText(after.float)}
            {scoreText(evaluation.quantized)}
            <>
              <b>{scoreText(after.quantized)}</b>{' '}
              <Change metric={metric} delta={after.quantized.value - evaluation.quantized.value} />
            </>
          </Row>
          <Row name="Output against float">
            –{decibels(evaluation.outputSqnrDb)}
            {decibels(after.outputSqnrDb)}
          </Row>
          <Row name="File">
            {size(floatBytes ?? undefined)}
            {blocked ? 'none' : size(before?.exported?.value.bytes.length)}
            {blocked ? 'none' : size(exported?.bytes.length)}
          </Row>
          {!blocked && (
            <Row name="Score of the file">
              {verification ? scoreText(verification.float) : '–'}
              {before?.verification ? scoreText(before.verification.value.file) : '–'}
              {verification ? scoreText(verification.file) : '–'}
            </Row>
          )}
        </tbody>
      </table>
      {simulation && (
        <p className="quiet" data-tone={simulation.changed === 0 ? 'good' : 'bad'}>
          The file in LiteRT predicts{' '}
          {simulation.changed === 0 ? 'what the simulation said' : 'otherwise than simulated'}{' '}
          {simulation.changed === 0
            ? `on all ${integer(simulation.samples)} samples`
            : `on ${integer(simulation.changed)} of ${integer(simulation.samples)} samples`}
          : {integer(simulation.changed)} predictions changed.
        </p>
      )}
      {blocked && <p className="quiet">No .tflite file can hold these formats: the figures are simulated.</p>}
    </>
  );
}

function Row({ name, children }: { name: string; children: readonly ReactNode[] }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {children.map((cell, i) => (
        <td key={i}>{cell}</td>
      ))}
    </tr>
  );
}

function Change({ metric, delta }: { metric: Parameters<typeof deltaText>[0]; delta: number }) {
  if (!Number.isFinite(delta)) return null;
  return <span data-tone={deltaTone(metric, delta)}>{deltaText(metric, delta)}</span>;
}
