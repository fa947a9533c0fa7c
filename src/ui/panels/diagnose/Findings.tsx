import { metricInfo } from '../../../core/metrics/table';
import { CHECKS } from '../../../core/diagnosis/table';
import type { Diagnosis, RankedFinding } from '../../../jobs/contract/diagnosis-protocol';
import type { Freshness } from '../../../state/slices/results';
import { patch } from '../../../state/store';
import { Icon } from '../../parts/Icon';
import { useStudioStore } from '../../app/studio';
import { FindingCard } from './FindingCard';

interface Props {
  readonly diagnosis: Diagnosis;
  readonly state: Freshness;
  readonly running: boolean;
}

/** Of the output's noise: what costs less is listed, but not in the way. */
const WORTH_SHOWING = 0.05;

/** An output that far from float gives other answers. */
const POOR_DB = 20;

const stands = ({ severity, cost }: RankedFinding) => severity !== 'minor' || cost >= WORTH_SHOWING;

/** What stands out, the most costly first; what costs next to nothing is folded away. */
export function Findings({ diagnosis, state, running }: Props) {
  const { findings, held, shares } = diagnosis;
  const [loud, quiet] = [findings.filter(stands), findings.filter((finding) => !stands(finding))];
  const card = (finding: RankedFinding, i: number) => (
    <FindingCard key={`${finding.check} ${finding.layers[0] ?? ''} ${i}`} finding={finding} held={held} />
  );
  const measured = shares.length > 0;
  return (
    <section className="findings" aria-label="Findings" data-stale={state === 'stale'}>
      {state === 'partial' && !running && <p className="quiet">Stopped before every fix was tried.</p>}
      {held && !held.countsAnswers && metricInfo(held.float.metric).unit === 'share' && (
        <p className="quiet">
          Ranked by the SQNR of the worst output: {held.samples} held samples are too few to rank by answers.
        </p>
      )}
      {loud.length > 0 && <ol>{loud.map(card)}</ol>}
      {/* What a fix takes away may still raise a finding. */}
      {loud.length === 0 && measured && !running && <NothingFound poor={diagnosis.sqnrDb < POOR_DB} />}
      {quiet.length > 0 && (
        <details>
          <summary>
            {quiet.length === 1 ? 'One finding that costs' : `${quiet.length} findings that cost`} next to nothing
          </summary>
          <ol>{quiet.map(card)}</ol>
        </details>
      )}
    </section>
  );
}

/** What is left is rounding everywhere; where that adds up to much, algorithms work on it. */
function NothingFound({ poor }: { poor: boolean }) {
  const store = useStudioStore();
  return (
    <div className="healthy">
      <Icon name={poor ? 'alert' : 'check'} />
      <div>
        <p>
          Nothing stands out.{' '}
          <span className="quiet">
            No layer, range or sample costs the output much by itself; what is left is rounding, spread over all layers.
            {poor && ' That adds up to a lot here:'}
          </span>{' '}
          {poor && (
            <button type="button" className="link" onClick={() => patch(store, 'ui', { tab: 'improve' })}>
              see what algorithms can do
            </button>
          )}
        </p>
        <details className="quiet">
          <summary>Checks performed</summary>
          <ul>
            {CHECKS.map(({ id, looksFor }) => (
              <li key={id}>{looksFor}</li>
            ))}
          </ul>
        </details>
      </div>
    </div>
  );
}
