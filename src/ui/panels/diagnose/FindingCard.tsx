import type { Fix } from '../../../core/diagnosis/fix';
import type { Diagnosis, Judged, RankedFinding } from '../../../jobs/contract/diagnosis-protocol';
import { differenceText, toneOf } from '../../../core/metrics/words';
import { decibels, percent, scoreText } from '../../parts/format';
import { useController } from '../../app/studio';
import { FindingChart } from './FindingChart';
import { useLayerNames } from './use-layer-names';
import { Hint } from '../../parts/Tip';

const SEVERITIES: Readonly<Record<RankedFinding['severity'], { readonly label: string; readonly tone: string }>> = {
  severe: { label: 'Severe', tone: 'bad' },
  moderate: { label: 'Moderate', tone: 'warn' },
  minor: { label: 'Minor', tone: '' },
};

interface Props {
  readonly finding: RankedFinding;
  readonly held: Diagnosis['held'];
}

/** One thing that is wrong: what, why it hurts, the figures it rests on, and what helps. */
export function FindingCard({ finding, held }: Props) {
  const controller = useController();
  const nameOf = useLayerNames();
  const { sentence, severity, layers, evidence, chart, fixes, effects, inert } = finding;
  const { label, tone } = SEVERITIES[severity];
  const [first, ...others] = layers;
  const title = first === undefined ? finding.title : `${finding.title}: ${nameOf(first)}`;
  return (
    <li className="finding" data-severity={severity}>
      <div className="finding-head">
        <span className={`badge ${tone}`}>{label}</span>
        <h3>{title}</h3>
        <span className="quiet">{costText(finding)}</span>
      </div>
      <p className="finding-sentence">{sentence}</p>
      {evidence.length > 0 && (
        <dl className="evidence">
          {evidence.map(({ label: name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {chart && <FindingChart chart={chart} />}
      {fixes.length > 0 && (
        <ul className="fixes">
          {fixes.map((fix, i) => (
            <li key={fix.label}>
              <button type="button" className="button small" onClick={() => controller.diagnoser.apply(finding, fix)}>
                {fix.label}
              </button>
              {effects[i] && held && (
                <Effect kind={fix.kind} before={held.before} after={effects[i]} samples={held.samples} />
              )}
            </li>
          ))}
        </ul>
      )}
      {inert.length > 0 && <p className="quiet">Tried as well, brought nothing: {inert.join(', ')}.</p>}
      {first !== undefined && (
        <div className="finding-layers">
          <button type="button" className="link" onClick={() => controller.select(first)}>
            Show {nameOf(first)}
          </button>
          {others.length > 0 && (
            <details>
              <summary>
                and {others.length} more layer{others.length === 1 ? '' : 's'}
              </summary>
              {others.map((op) => (
                <button key={op} type="button" className="link" onClick={() => controller.select(op)}>
                  {nameOf(op)}
                </button>
              ))}
            </details>
          )}
        </div>
      )}
    </li>
  );
}

function costText({ cost, effects, estimate, place }: RankedFinding): string {
  const part = (of: number) => (of > 0.99 ? 'nearly all' : percent(of, 0));
  if (!effects.some(Boolean) && !place)
    return estimate >= 0.005 ? `may cost ${part(estimate)} of the output’s error` : '';
  return cost >= 0.005 ? `costs ${part(cost)} of the output’s error` : 'no fix here brings the output nearer';
}

interface EffectProps {
  readonly kind: Fix['kind'];
  readonly before: Judged;
  readonly after: Judged;
  readonly samples: number;
}

/**
 * What a fix did when it was tried: the score where answers are counted, and the output's distance to float, unless that
 * is another float output, of other inputs.
 */
function Effect({ kind, before, after, samples }: EffectProps) {
  const { metric } = before.score;
  const isNearness = kind !== 'preprocessing';
  return (
    <span className="effect">
      <Hint text={`Tried on ${samples} calibration samples that were held back`}>tried</Hint>:{' '}
      {metric !== 'sqnr' && (
        <>
          {scoreText(before.score)} → <b>{scoreText(after.score)}</b>{' '}
          {after.change && (
            <span data-tone={toneOf(metric, after.change)}>
              {differenceText(metric, after.change)}, n = {after.change.n}
            </span>
          )}
        </>
      )}
      {metric !== 'sqnr' && isNearness && ' · '}
      {isNearness && (
        <>
          {decibels(before.sqnrDb)} → <b>{decibels(after.sqnrDb)}</b>
        </>
      )}
    </span>
  );
}
