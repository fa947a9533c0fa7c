import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { differenceText, toneOf } from '../../../core/metrics/words';
import type { ModelView } from '../../../jobs/contract/protocol';
import { comparedWith, shownResult, trainedInUse } from '../../../state/results/comparison';
import { judgedLoss } from '../../../state/results/judged-loss';
import { wantsData } from '../../../state/autopilot/next-step';
import { freshness, type Freshness } from '../../../state/slices/results';
import { obstacle } from '../../../state/edits/storable';
import { settingsOf, type StudioState } from '../../../state/store';
import { bytes, compact, formatName, integer, metricLabel, milliseconds, scoreText } from '../../parts/format';
import { Icon } from '../../parts/Icon';
import { DownloadButton } from '../export/DownloadButton';
import { useStudio } from '../../app/studio';
import { lockedProps, useLock } from '../../app/use-lock';
import './readout.css';

/** Before and after in one line: the instrument's face. Its tiles are always there; what is not known yet is a dash. */
export function Readout() {
  const locked = useLock('summary');
  return (
    <section className="readout" aria-label="Summary" {...lockedProps(locked)}>
      <ModelTile />
      <AccuracyTile />
      <SizeTile />
      <SpeedTile />
      <VerificationTile />
    </section>
  );
}

const fresh = (slot: 'evaluation' | 'verification' | 'exported' | 'probe') => (state: StudioState) =>
  slot !== 'evaluation' && slot !== 'probe' && blocked(state)
    ? 'none'
    : freshness(state.results[slot], settingsOf(state), state.results.basis);

/** No file can hold what is planned: whatever was known of one before says nothing about it. */
const blocked = ({ results }: StudioState) => results.plan !== null && obstacle(results.plan.value) !== null;

function ModelTile() {
  const model = useStudio((state) => state.model.view);
  const wanted = useStudio(wantsData);
  return (
    <Tile
      of="model"
      title={model ? sourceOf(model) : 'Model'}
      note={
        model
          ? wanted
            ? 'Waits for data to calibrate on'
            : `${compact(model.parameters)} parameters · ${compact(model.macs)} MACs`
          : 'Drop one anywhere'
      }
      state="fresh"
    >
      <span className="name">{model?.name ?? '–'}</span>
    </Tile>
  );
}

/** Producers of most formats begin with its name. */
function sourceOf({ format, producer }: ModelView): string {
  const name = formatName(format);
  if (!producer) return name;
  return producer.startsWith(name) ? producer : `${name} · ${producer}`;
}

function AccuracyTile() {
  const evaluation = useStudio((state) => shownResult(state, 'evaluation'));
  const verification = useStudio((state) => state.results.verification);
  const probe = useStudio((state) => state.results.probe);
  const evaluationState = useStudio(fresh('evaluation'));
  const verificationState = useStudio(fresh('verification'));
  const probeState = useStudio(fresh('probe'));
  const untrained = useStudio((state) => comparedWith(state)?.evaluation?.value ?? null);
  const loss = useStudio(useShallow(judgedLoss));
  const basis = useStudio((state) => state.results.basis);
  // The float model stays what it is while ranges move: its score of all samples is not swapped for that of the first few.
  const whole = verification?.basis === basis ? verification.value.float : undefined;
  const float = whole ?? evaluation?.value.float ?? untrained?.float;
  // The file's own accuracy where it is current; else the simulation's; else what a probe just said.
  const follows = evaluationState !== 'fresh' && probeState === 'fresh' ? probe!.value : null;
  const after = follows ?? (verificationState === 'fresh' ? verification!.value.file : evaluation?.value.quantized);
  const metric = float?.metric ?? 'top1';
  const trained = useStudio((state) => trainedInUse(state) !== null);
  const how = follows ? 'estimate on' : verificationState === 'fresh' ? 'the file itself, on' : 'simulated, on';
  return (
    <Tile
      of="score"
      title={metricLabel(metric)}
      note={after ? `${untrained ? 'QAT: ' : ''}${how} ${integer(after.samples)} samples` : 'float before, int8 after'}
      state={follows ? 'fresh' : evaluationState}
    >
      <span className="before">{float ? scoreText(float) : '–'}</span>
      <Arrow />
      {untrained && (
        <>
          <span className="untrained">
            {scoreText(untrained.quantized)}
            <span className="visually-hidden"> quantized without training</span>
          </span>
          <Arrow />
        </>
      )}
      <span className="after" data-trained={trained}>
        {follows && '≈ '}
        {after ? scoreText(after) : '–'}
      </span>
      {loss && !untrained && (
        <span className="change" data-tone={toneOf(loss.metric, loss.difference)}>
          {differenceText(loss.metric, loss.difference)}
        </span>
      )}
    </Tile>
  );
}

function SizeTile() {
  const model = useStudio((state) => state.model.view);
  const exported = useStudio((state) => (blocked(state) ? null : (state.results.exported?.value ?? null)));
  const state = useStudio(fresh('exported'));
  return (
    <Tile
      of="size"
      title="Size"
      note={exported ? `${integer(exported.bytes.length)} bytes` : 'as a .tflite file'}
      state={state}
    >
      <span className="before">{model ? bytes(model.floatBytes) : '–'}</span>
      <Arrow />
      <span className="after">{exported ? bytes(exported.bytes.length) : '–'}</span>
      {exported && model && <Ratio value={model.floatBytes / exported.bytes.length} better="smaller" worse="larger" />}
    </Tile>
  );
}

function SpeedTile() {
  const latency = useStudio((state) => (blocked(state) ? null : (state.results.verification?.value.latencyMs ?? null)));
  const packed = useStudio(
    ({ results }) => results.exported?.value.notes.find((note) => note.startsWith('INT4')) ?? null,
  );
  const state = useStudio(fresh('verification'));
  const ratio = latency?.float && latency.quantized ? latency.float / latency.quantized : null;
  const spread = latency?.spread;
  const tooClose =
    spread !== undefined && spread.float.low <= spread.quantized.high && spread.quantized.low <= spread.float.high;
  const quartiles = spread && `${milliseconds(spread.quantized.low)} to ${milliseconds(spread.quantized.high)}`;
  const usual = quartiles === undefined ? 'LiteRT in this browser' : `LiteRT here, half of all ${quartiles}`;
  return (
    <Tile
      of="speed"
      title="Time per inference"
      note={ratio !== null && ratio < 1 && packed !== null ? packed : usual}
      state={state}
    >
      <span className="before">{latency?.float ? milliseconds(latency.float) : '–'}</span>
      <Arrow />
      <span className="after">{latency?.quantized ? milliseconds(latency.quantized) : '–'}</span>
      {tooClose ? (
        <span className="change">too close to tell</span>
      ) : (
        ratio !== null && <Ratio value={ratio} better="faster" worse="slower" />
      )}
    </Tile>
  );
}

function VerificationTile() {
  const check = useStudio((state) => (blocked(state) ? null : (state.results.verification?.value.runtime ?? null)));
  const delivered = useStudio((s) => (blocked(s) ? null : (s.results.verification?.value.delivered ?? null)));
  const state = useStudio(fresh('verification'));
  const skipped = useStudio((s) => s.results.verificationSkipped);
  return (
    <Tile
      of="check"
      title="Verified"
      note={
        delivered && !delivered.finite
          ? delivered.inWords
          : check
            ? check.mismatches === 0
              ? `${check.name}, ${check.tensors.length} tensors`
              : `by up to ${check.maxLsb} LSB`
            : 'against integer arithmetic'
      }
      state={state}
      action={<DownloadButton short />}
    >
      {check ? (
        <span className="after verdict" data-exact={check.mismatches === 0}>
          <Icon name={check.mismatches === 0 ? 'check' : 'alert'} />
          {check.mismatches === 0 ? 'Bit-exact' : `${integer(check.mismatches)} differ`}
        </span>
      ) : (
        <span className="before">{skipped ? 'skipped' : '–'}</span>
      )}
    </Tile>
  );
}

/** How many times better, or worse. */
function Ratio({ value, better, worse }: { value: number; better: string; worse: string }) {
  return (
    <span className="change" data-tone={value >= 1 ? 'good' : 'even'}>
      {value >= 1 ? `${value.toFixed(1)}× ${better}` : `${(1 / value).toFixed(1)}× ${worse}`}
    </span>
  );
}

function Arrow() {
  return (
    <span className="arrow">
      <span aria-hidden="true">→</span>
      <span className="visually-hidden">to</span>
    </span>
  );
}

interface TileProps {
  /** What the tile is about, for the styles of narrow screens. */
  readonly of: 'model' | 'score' | 'size' | 'speed' | 'check';
  readonly title: string;
  readonly note: string;
  readonly state: Freshness;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

function Tile({ of, title, note, state, action, children }: TileProps) {
  return (
    <div className="tile" data-of={of} data-state={state} data-action={action !== undefined}>
      <h2>
        <span>{title}</span>
        {state === 'stale' && <span className="badge warn">outdated</span>}
        {state === 'partial' && <span className="badge warn">partial</span>}
      </h2>
      <p className="value">{children}</p>
      <p className="note">{note}</p>
      {action}
    </div>
  );
}
