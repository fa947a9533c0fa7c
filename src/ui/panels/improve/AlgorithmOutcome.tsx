import type { Algorithm } from '../../../core/algorithms/algorithm';
import type { AlgorithmReport } from '../../../jobs/contract/protocol';
import { integer, real } from '../../parts/format';
import { useController } from '../../app/studio';
import { Sparkline } from '../../charts/Sparkline';

/** What one algorithm did: its notes, and its figure of each layer before and after. */
export function AlgorithmOutcome({ row, report }: { row: Algorithm; report: AlgorithmReport }) {
  const controller = useController();
  const curves = report.layers.some(({ curve }) => curve);
  return (
    <div className="outcome">
      {report.notes.map((note) => (
        <p key={note} className="quiet">
          {note}
        </p>
      ))}
      {report.layers.length === 0 ? (
        report.notes.length === 0 && <p className="quiet">Not applicable to this model.</p>
      ) : (
        <details>
          <summary>
            {integer(report.layers.length)} layer{report.layers.length === 1 ? '' : 's'} · {row.figure}
          </summary>
          <table>
            <thead>
              <tr>
                <th scope="col">Layer</th>
                <th scope="col">Before</th>
                <th scope="col">After</th>
                {curves && <th scope="col">Loss</th>}
              </tr>
            </thead>
            <tbody>
              {report.layers.map(({ op, before, after, curve }) => (
                <tr key={op}>
                  <td>
                    <button type="button" className="link" onClick={() => controller.select(op)}>
                      {op}
                    </button>
                  </td>
                  <td className="number">{real(before, 3)}</td>
                  <td className="number" data-tone={tone(row.largerIsBetter ? after - before : before - after)}>
                    {real(after, 3)}
                  </td>
                  {curves && <td>{curve && <Sparkline values={curve} />}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </div>
  );
}

function tone(gain: number): string {
  return gain > 0 ? 'good' : gain < 0 ? 'bad' : 'even';
}
