import { useEffect, useMemo, useState } from 'react';
import type { Answer, Flip, Flips } from '../../../jobs/contract/judgement-protocol';
import type { SamplePreview } from '../../../jobs/contract/protocol';
import { freshness } from '../../../state/slices/results';
import { settingsOf, type StudioState } from '../../../state/store';
import { useController, useStudio } from '../../app/studio';
import { integer, percent } from '../../parts/format';
import { Segmented } from '../../parts/Segmented';
import { Thumbnail } from '../data/Thumbnail';
import { confusionOf } from './confusion';
import { ConfusionMatrix } from './ConfusionMatrix';
import { TaskFigures } from './TaskFigures';
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
function shownResult(state: StudioState) {
  const { verification, evaluation, basis } = state.results;
  const settings = settingsOf(state);
  return [verification, evaluation].find((result) => freshness(result, settings, basis) === 'fresh')?.value;
}

/** What the task's figures are, who is answered otherwise than in float, and for whom that matters. */
export default function SamplesPanel() {
  const result = useStudio(shownResult);
  const flips = result?.flips;
  const names = useStudio((state) => state.data.view?.classNames);
  if (!result || flips === undefined)
    return <p className="quiet">Samples show here once the model has been evaluated.</p>;
  const nameOf = (index: number) => (Number.isNaN(index) ? 'no answer' : (names?.[index] ?? String(index)));
  return (
    <section className="panel samples" aria-label="Samples">
      <header>
        <h2>Samples</h2>
      </header>
      <div className="body">
        <TaskFigures
          float={result.float}
          quantized={'file' in result ? result.file : result.quantized}
          outputs={result.outputs}
        />
        {flips === null && <p className="quiet">The samples of this task have no single answer that could change.</p>}
        {flips && <Changes flips={flips} nameOf={nameOf} />}
      </div>
    </section>
  );
}

/** Who is answered otherwise than in float, and for whom that matters. */
function Changes({ flips, nameOf }: { readonly flips: Flips; readonly nameOf: (index: number) => string }) {
  const [filter, setFilter] = useState<Filter>('changed');
  const shown = useMemo(() => flips.samples.filter(SHOWS[filter]), [flips, filter]);
  const labelled = flips.wrongNow !== undefined;
  return (
    <>
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
      {shown.length > 0 && <FlipTable flips={shown} labelled={labelled} nameOf={nameOf} />}
      <Turns flips={flips.samples} nameOf={nameOf} />
      {flips.confusion && <ConfusionMatrix confusion={flips.confusion} nameOf={nameOf} />}
    </>
  );
}

interface TableProps {
  readonly flips: readonly Flip[];
  readonly labelled: boolean;
  readonly nameOf: (index: number) => string;
}

function FlipTable({ flips, labelled, nameOf }: TableProps) {
  const pictures = usePictures(flips);
  return (
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
        {flips.map((flip) => {
          const picture = pictures.get(flip.sample);
          return (
            <tr key={flip.sample}>
              <th scope="row">
                {picture && picture.rgba.length > 0 && <Thumbnail preview={picture} />} <span>{flip.sample}</span>
              </th>
              {labelled && <td>{nameOf(flip.label!)}</td>}
              <AnswerCell given={flip.float} label={flip.label} nameOf={nameOf} />
              <AnswerCell given={flip.quantized} label={flip.label} nameOf={nameOf} />
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** As many as somebody looks at before scrolling on; the rest goes by its number. */
const MOST_PICTURES = 60;

/** The pictures of samples, as they come. */
function usePictures(flips: readonly Flip[]): ReadonlyMap<number, SamplePreview> {
  const controller = useController();
  const [known, setKnown] = useState<ReadonlyMap<number, SamplePreview>>(new Map());
  useEffect(() => {
    let wanted = true;
    const samples = flips.slice(0, MOST_PICTURES).map(({ sample }) => sample);
    controller.picturesOf(samples).then(
      (pictures) => wanted && setKnown(new Map(pictures.map((picture) => [picture.index, picture]))),
      () => undefined, // cancelled, or the data is gone: the numbers are there
    );
    return () => void (wanted = false);
  }, [controller, flips]);
  return known;
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
function Turns({ flips, nameOf }: { flips: readonly Flip[]; nameOf: (index: number) => string }) {
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
