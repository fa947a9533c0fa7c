import { useState } from 'react';
import type { Answer, Flip } from '../../../jobs/contract/judgement-protocol';
import { freshness } from '../../../state/slices/results';
import { settingsOf, type StudioState } from '../../../state/store';
import { useStudio } from '../../app/studio';
import { integer, percent } from '../../parts/format';
import { Segmented } from '../../parts/Segmented';
import { confusionOf } from './confusion';
import './samples.css';

type Filter = 'changed' | 'wrong' | 'fixed';

const FILTERS = [
  { value: 'changed', label: 'Changed' },
  { value: 'wrong', label: 'Wrong now' },
  { value: 'fixed', label: 'Fixed' },
] as const;

const SHOWS: Readonly<Record<Filter, (flip: Flip) => boolean>> = {
  changed: () => true,
  wrong: ({ label, float }) => label !== undefined && float.answer === label,
  fixed: ({ label, quantized }) => label !== undefined && quantized.answer === label,
};

/** Of the file where it was run, else of its simulation; under the settings of this moment. */
function shownFlips(state: StudioState) {
  const { verification, evaluation, basis } = state.results;
  const settings = settingsOf(state);
  return [verification, evaluation].find((result) => freshness(result, settings, basis) === 'fresh')?.value.flips;
}

/** Who is answered otherwise than in float, and for whom that matters. */
export default function SamplesPanel() {
  const flips = useStudio(shownFlips);
  const names = useStudio((state) => state.data.view?.classNames);
  const [filter, setFilter] = useState<Filter>('changed');
  if (flips === undefined) return <p className="quiet">Samples show here once the model has been evaluated.</p>;
  if (flips === null) return <p className="quiet">The samples of this task have no single answer that could change.</p>;
  const nameOf = (index: number) => (Number.isNaN(index) ? 'no answer' : (names?.[index] ?? String(index)));
  const shown = flips.samples.filter(SHOWS[filter]);
  const labelled = flips.wrongNow !== undefined;
  return (
    <section className="samples" aria-label="Samples">
      <p>
        <b>{integer(flips.changed)}</b> of {integer(flips.n)} samples are answered otherwise than in float
        {labelled && (
          <>
            : <b>{integer(flips.wrongNow ?? 0)}</b> wrong now, <b>{integer(flips.fixed ?? 0)}</b> fixed
          </>
        )}
        .
      </p>
      {labelled && <Segmented label="Show" options={FILTERS} value={filter} onChange={setFilter} />}
      {shown.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Sample</th>
              {labelled && <th scope="col">Label</th>}
              <th scope="col">Float</th>
              <th scope="col">Quantized</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((flip) => (
              <tr key={flip.sample}>
                <th scope="row">{flip.sample}</th>
                {labelled && <td>{nameOf(flip.label!)}</td>}
                <AnswerCell given={flip.float} label={flip.label} nameOf={nameOf} />
                <AnswerCell given={flip.quantized} label={flip.label} nameOf={nameOf} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Confusion flips={flips.samples} nameOf={nameOf} />
    </section>
  );
}

interface CellProps {
  readonly given: Answer;
  readonly label: number | undefined;
  readonly nameOf: (index: number) => string;
}

function AnswerCell({ given, label, nameOf }: CellProps) {
  const tone = label === undefined ? 'even' : given.answer === label ? 'good' : 'bad';
  return (
    <td data-tone={tone}>
      {nameOf(given.answer)} <span className="quiet">{percent(given.confidence, 0)}</span>
    </td>
  );
}

/** Which answer turned into which, most often first. */
function Confusion({ flips, nameOf }: { flips: readonly Flip[]; nameOf: (index: number) => string }) {
  const rows = confusionOf(flips);
  if (rows.length === 0) return null;
  return (
    <>
      <h3>What turned into what</h3>
      <ul className="confusion">
        {rows.slice(0, 12).map(({ from, to, count }) => (
          <li key={`${from} ${to}`}>
            {nameOf(from)} <span aria-label="became">→</span> {nameOf(to)} <span className="quiet">{count}×</span>
          </li>
        ))}
      </ul>
    </>
  );
}
