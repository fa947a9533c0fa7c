import { useState } from 'react';
import { summarize, type ClassSummary, type Distribution } from '../../../core/lessons/class-summary';
import { Dialog } from '../../parts/Dialog';
import { bytes, percent } from '../../parts/format';
import { usePlayer } from './use-player';

/** Results of a room, pasted or dropped: nothing of them leaves this page. */
export function ClassPage() {
  const player = usePlayer();
  const [handedIn, setHandedIn] = useState<readonly string[]>([]);
  const [pasted, setPasted] = useState('');
  const summary = summarize(handedIn);
  const take = async (files: Iterable<File>) => {
    const texts = await Promise.all([...files].map((file) => file.text()));
    setHandedIn((before) => [...before, ...texts]);
  };
  return (
    <Dialog title="Results of a class" onClose={() => player.show(null)}>
      <div
        className="class-page"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          event.stopPropagation();
          void take(event.dataTransfer.files);
        }}
      >
        <label className="labelled">
          <span>Codes, one a line</span>
          <textarea
            className="field mono"
            rows={3}
            value={pasted}
            onChange={(event) => setPasted(event.target.value)}
          />
        </label>
        <div className="lesson-buttons">
          <button
            type="button"
            className="button primary"
            disabled={pasted.trim() === ''}
            onClick={() => {
              setHandedIn((before) => [...before, ...pieces(pasted)]);
              setPasted('');
            }}
          >
            Add
          </button>
          <label className="button">
            Files…
            <input
              type="file"
              multiple
              accept=".json"
              className="visually-hidden"
              onChange={(event) => void take(event.target.files ?? [])}
            />
          </label>
          <button type="button" className="button" disabled={handedIn.length === 0} onClick={() => setHandedIn([])}>
            Clear
          </button>
        </div>
        {handedIn.length > 0 && <Summary summary={summary} />}
      </div>
    </Dialog>
  );
}

/** A whole result that was pasted, or codes by lines. */
function pieces(text: string): string[] {
  return text.trim().startsWith('{') ? [text] : text.split('\n').filter((line) => line.trim() !== '');
}

function Summary({ summary: { students, refused, distributions, best } }: { readonly summary: ClassSummary }) {
  return (
    <>
      <p role="status">
        {students.length} handed in, {students.filter(({ finished }) => finished).length} finished
        {refused.length > 0 && `, ${refused.length} not readable`}.
      </p>
      {refused.map(({ text, reason }, i) => (
        <p key={i} className="quiet">
          “{text}”: {reason}
        </p>
      ))}
      <div className="scroll" tabIndex={0} role="region" aria-label="Who is where">
        <table className="lesson-table">
          <thead>
            <tr>
              {['Name', 'Steps', 'Predictions right', 'Hints', 'Tries', 'Best file'].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {students.map((student) => (
              <tr key={student.code}>
                <td>
                  {student.name || <span className="mono">{student.code}</span>}
                  {student.edited && ' (edited by hand)'}
                </td>
                <td>
                  {student.done}
                  {student.steps !== null && ` of ${student.steps}`}
                  {student.finished && ' ✓'}
                </td>
                <td>
                  {student.right} of {student.predicted}
                </td>
                <td>{student.hints}</td>
                <td>{student.failed}</td>
                <td>
                  {student.score === null ? '–' : percent(student.score)}
                  {student.bytes !== null && `, ${bytes(student.bytes)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {distributions.map((distribution) => (
        <Predictions key={distribution.step} of={distribution} />
      ))}
      {best.length > 0 && (
        <>
          <h3>Best files</h3>
          <ol>
            {best.map((student) => (
              <li key={student.code}>
                {student.name || student.code}: {percent(student.score!)}
                {student.bytes !== null && `, ${bytes(student.bytes)}`}
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

function Predictions({ of }: { readonly of: Distribution }) {
  const most = Math.max(...of.counts.map(({ count }) => count));
  return (
    <section>
      <h3>{of.label}</h3>
      <p className="quiet">
        {of.right} of {of.answered} right{of.truth !== null && `; it is ${String(of.truth)}`}
      </p>
      <ul className="class-bars">
        {of.counts.map(({ value, count }) => (
          <li key={String(value)}>
            <span className="mono">{String(value)}</span>
            <span className="class-bar" style={{ inlineSize: `${(60 * count) / most}%` }} />
            <span>{count}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
