import type { EpochFigures } from '../../../jobs/contract/qat-protocol';
import { duration, percent, real } from '../../parts/format';

/** The curves as numbers. */
export function EpochTable({ history, best }: { history: readonly EpochFigures[]; best: number | null }) {
  if (history.length === 0) return null;
  const counts = history.some(({ validationAccuracy }) => validationAccuracy !== null);
  const share = (value: number | null) => (value === null ? '–' : percent(value));
  return (
    <details className="epochs">
      <summary>Every epoch in numbers</summary>
      <div className="scroll" tabIndex={0} role="group" aria-label="Figures by epoch">
        <table>
          <thead>
            <tr>
              <th scope="col">Epoch</th>
              <th scope="col">Loss</th>
              <th scope="col">Validation</th>
              {counts && <th scope="col">Accuracy</th>}
              {counts && <th scope="col">Validation</th>}
              <th scope="col">Rate</th>
              <th scope="col">Time</th>
            </tr>
          </thead>
          <tbody>
            {history.map((row) => (
              <tr key={row.epoch} data-best={row.epoch === best}>
                <th scope="row">
                  {row.epoch === 0 ? 'untrained' : row.epoch}
                  {row.epoch === best && <span className="badge">best</span>}
                </th>
                <td>{row.trainLoss === null ? '–' : real(row.trainLoss, 3)}</td>
                <td>{real(row.validationLoss, 3)}</td>
                {counts && <td>{share(row.trainAccuracy)}</td>}
                {counts && <td>{share(row.validationAccuracy)}</td>}
                <td>{real(row.learningRate, 2)}</td>
                <td>{row.epoch === 0 ? '–' : duration(row.milliseconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
