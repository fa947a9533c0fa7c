import { PARTS, splitSqnrDb } from '../../../core/metrics/error-split';
import type { TensorSplit } from '../../../jobs/contract/diagnosis-protocol';
import { decibels } from '../../parts/format';
import { useController, useStudio } from '../../app/studio';
import { PART_LABELS, SplitBar } from './SplitBar';
import { useLayerNames } from './use-layer-names';

/** Every activation's error in the order of the graph: how much, and where it comes from. */
export function ErrorSplits({ splits }: { splits: readonly TensorSplit[] }) {
  const controller = useController();
  const nameOf = useLayerNames();
  const selected = useStudio((state) => state.selection.layer);
  return (
    <section className="error-splits" aria-label="Where errors come from">
      <h3>Where errors come from</h3>
      <ul className="legend" aria-label="Parts">
        {PARTS.map((part) => (
          <li key={part}>
            <i data-part={part} />
            {PART_LABELS[part].label} <span className="quiet">{PART_LABELS[part].explain}</span>
          </li>
        ))}
      </ul>
      <table className="rank">
        <thead>
          <tr>
            <th scope="col">Layer</th>
            <th scope="col">Error of its output</th>
            <th scope="col">SQNR</th>
          </tr>
        </thead>
        <tbody>
          {splits.map((split) => (
            <tr key={split.tensor} data-selected={split.op !== null && split.op === selected}>
              <th scope="row">
                {split.op === null ? (
                  <span className="quiet">{split.tensor} (input)</span>
                ) : (
                  <button type="button" className="link" onClick={() => controller.select(split.op!)}>
                    {nameOf(split.op)}
                  </button>
                )}
              </th>
              <td>
                <SplitBar split={split} />
              </td>
              <td className="number">{decibels(splitSqnrDb(split))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
