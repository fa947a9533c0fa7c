import type { Diagnosis, RankedFinding } from '../../jobs/diagnosis-protocol';
import type { Freshness } from '../../state/slices/results';
import { Icon } from '../parts/Icon';
import { FindingCard } from './FindingCard';

interface Props {
  readonly diagnosis: Diagnosis;
  readonly state: Freshness;
  readonly running: boolean;
}

/** Of the output's noise: what costs less is listed, but not in the way. */
const WORTH_SHOWING = 0.05;

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
      {loud.length > 0 && <ol>{loud.map(card)}</ol>}
      {loud.length === 0 && measured && (
        <p className="healthy">
          <Icon name="check" />
          <span>
            Nothing stands out.{' '}
            <span className="quiet">
              No layer, range or sample costs the output much by itself; what is left is rounding, spread over all
              layers.
            </span>
          </span>
        </p>
      )}
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
