import { useState, type ReactNode } from 'react';
import type { Exported } from '../../../jobs/contract/protocol';
import { comparedText } from '../../../jobs/contract/verify-choice';
import { fileTypes } from '../../../state/edits/edits';
import { isTunable } from '../../../state/slices/model';
import { freshness } from '../../../state/slices/results';
import { obstacle } from '../../../state/edits/storable';
import { settingsOf } from '../../../state/store';
import { integer, scoreText, timeLeft } from '../../parts/format';
import { Icon } from '../../parts/Icon';
import { retriable } from '../../parts/retriable';
import { Segmented } from '../../parts/Segmented';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { fileState } from '../../../state/autopilot/file-ready';
import { wantsData } from '../../../state/autopilot/next-step';
import { download } from './download';
import { Tip } from '../../parts/Tip';
import { DownloadButton } from './DownloadButton';
import './export.css';

const FormList = retriable('The list of forms', () => import('./FormList'));
const TargetCheck = retriable('The check of targets', () => import('./TargetCheck'));

/** The way out: the file, what its own run said, and the report. */
export function ExportPanel() {
  const controller = useController();
  const store = useStudioStore();
  const io = useStudio((state) => settingsOf(state).io);
  const exported = useStudio((state) => state.results.exported?.value ?? null);
  const state = useStudio((s) => freshness(s.results.exported, settingsOf(s), s.results.basis));
  const verified = useStudio((s) => freshness(s.results.verification, settingsOf(s), s.results.basis));
  const blocked = useStudio(({ results }) => results.plan && obstacle(results.plan.value));
  const viewed = useStudio(({ model }) => model.view !== null && !isTunable(model));
  const ready = !blocked && state === 'fresh' && exported !== null;
  const saveReport = async () => {
    const { reportBlob } = await import('./report-file');
    const { name, blob } = reportBlob(store.getState());
    download(name, blob);
  };
  const saveSource = async (file: Exported) => {
    const { cFile } = await import('./c-file');
    const { name, blob } = cFile(file);
    download(name, blob);
  };
  return (
    <section className="panel export" aria-label="Export">
      <header>
        <h2>Export</h2>
        <Segmented
          label="Type of the file's inputs and outputs"
          options={[
            { value: 'int8', label: 'int8 in/out' },
            { value: 'float32', label: 'float in/out' },
          ]}
          value={io}
          onChange={(value) => controller.edit(fileTypes(value))}
        />
      </header>
      <div className="body">
        {blocked ? (
          <div className="blocked">
            <p>{blocked.message}</p>
            <p className="quiet">{blocked.hint}</p>
          </div>
        ) : viewed ? (
          <p className="quiet">This file opens for viewing: there is nothing to quantize, and so nothing to export.</p>
        ) : (
          <Verdict />
        )}
        <div className="export-actions">
          <DownloadButton />
          <Tip text="The file as a C++ array, to compile into firmware with TensorFlow Lite for Microcontrollers">
            <button
              type="button"
              className="button"
              disabled={!ready}
              onClick={() => exported && void saveSource(exported)}
            >
              C array
            </button>
          </Tip>
          <button
            type="button"
            className="button"
            disabled={!ready || verified !== 'fresh'}
            onClick={() => void saveReport()}
          >
            Report
          </button>
        </div>
        {ready && exported.notes.length > 0 && (
          <details className="quiet">
            <summary>
              {exported.notes.length} note{exported.notes.length === 1 ? '' : 's'} on the file
            </summary>
            <ul className="notes">
              {exported.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </details>
        )}
        {ready && exported.keptFloat.length > 0 && (
          <details className="quiet">
            <summary>
              {exported.keptFloat.length} layer{exported.keptFloat.length === 1 ? ' stays' : 's stay'} in float
            </summary>
            <ul>
              {exported.keptFloat.map(({ op, reason }) => (
                <li key={op}>
                  <span className="mono">{op}</span>: {reason}
                </li>
              ))}
            </ul>
          </details>
        )}
        {!blocked && !viewed && (
          <>
            <Part title="Targets">
              <TargetCheck />
            </Part>
            <Part title="Other forms">
              <FormList />
            </Part>
          </>
        )}
      </div>
    </section>
  );
}

/** What is fetched and shown once somebody opens it. */
function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="export-part" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{title}</summary>
      {open && children}
    </details>
  );
}

/** Before LiteRT has spoken: how far it is, and a way not to wait for it. A download waits for it by itself. */
function Unverified() {
  const controller = useController();
  const job = useStudio((state) => state.jobs.running.find(({ name }) => name === 'verify') ?? null);
  const skipped = useStudio((state) => state.results.verificationSkipped);
  const pending = useStudio((state) => fileState(state) === 'pending' && !wantsData(state));
  if (!pending && !skipped)
    return <p className="quiet">The file is run in LiteRT and compared with integer arithmetic, tensor by tensor.</p>;
  const { stage, fraction, remainingMs } = job?.progress ?? { stage: null, fraction: 0 };
  const left = remainingMs !== undefined && remainingMs > 900 ? ` · ${timeLeft(remainingMs)}` : '';
  return (
    <div className="unverified">
      <p>
        {skipped ? 'Not checked: skipped. This file has not been run yet.' : 'Not checked yet'}
        {stage !== null && (
          <span className="quiet">
            : {stage} {Math.round(100 * fraction)} %{left}
          </span>
        )}
      </p>
      {skipped ? (
        <button type="button" className="button small" onClick={() => void controller.pipeline.settle()}>
          Check it
        </button>
      ) : (
        <button type="button" className="button small" onClick={() => controller.pipeline.skipVerification()}>
          Skip the check
        </button>
      )}
    </div>
  );
}

/** What LiteRT said about the very file that is offered. */
function Verdict() {
  const verification = useStudio((state) => state.results.verification?.value ?? null);
  const state = useStudio((s) => freshness(s.results.verification, settingsOf(s), s.results.basis));
  if (!verification || state !== 'fresh') return <Unverified />;
  const { runtime, file, simulation } = verification;
  const worst = runtime.tensors.filter(({ mismatches }) => mismatches > 0);
  const exact = runtime.mismatches === 0;
  return (
    <details className="verdict-card" data-exact={exact}>
      <summary>
        <Icon name={exact ? 'check' : 'alert'} />
        {exact ? `Exact in ${runtime.name}` : `${integer(runtime.mismatches)} values differ in ${runtime.name}`}
      </summary>
      <dl>
        <div>
          <dt>Score of the file</dt>
          <dd>
            {scoreText(file)} on {integer(file.samples)} samples
          </dd>
        </div>
        <div>
          <dt>Compared</dt>
          <dd>
            {runtime.tensors.length} tensors, {integer(runtime.elements)} elements of {comparedText(runtime)}
          </dd>
        </div>
        <div>
          <dt>Mismatches</dt>
          <dd>
            {integer(runtime.mismatches)}
            {runtime.mismatches > 0 && ` (by up to ${runtime.maxLsb} LSB)`}
          </dd>
        </div>
        {simulation && (
          <div>
            <dt>Predictions changed</dt>
            <dd>
              {integer(simulation.changed)} of {integer(simulation.samples)} against the simulation (
              {scoreText(simulation.score)})
            </dd>
          </div>
        )}
        {worst.length > 0 && (
          <div>
            <dt>Where</dt>
            <dd className="mono">
              {worst.map(({ tensor, mismatches }) => `${tensor}: ${integer(mismatches)}`).join(', ')}
            </dd>
          </div>
        )}
      </dl>
    </details>
  );
}
