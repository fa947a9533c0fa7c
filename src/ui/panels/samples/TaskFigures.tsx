import { METRIC_NAMES, metricInfo, type MetricName } from '../../../core/metrics/table';
import { sureText, valueText } from '../../../core/metrics/words';
import { worstOutput } from '../../../core/metrics/worst-output';
import type { OutputFigures, Score } from '../../../jobs/contract/judgement-protocol';
import { integer } from '../../parts/format';

interface Props {
  readonly float: Score;
  readonly quantized: Score;
  readonly outputs: readonly OutputFigures[];
}

/** Every figure of the task, and those of every output where there are several, each with how sure it is. */
export function TaskFigures({ float, quantized, outputs }: Props) {
  const { metric, figures = {}, samples } = float;
  const others = METRIC_NAMES.filter((name) => name !== metric && figures[name] !== undefined);
  const worst = outputs.length > 1 ? worstOutput(outputs) : null;
  return (
    <>
      <table className="figures">
        <caption className="quiet">On {integer(samples)} samples, with 95 % intervals</caption>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col">Float</th>
            <th scope="col">Quantized</th>
          </tr>
        </thead>
        <tbody>
          {[metric, ...others].map((name) => (
            <tr key={name}>
              <th scope="row">{metricInfo(name).label}</th>
              <td>{figureText(float, name)}</td>
              <td>{figureText(quantized, name)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {worst && (
        <p>
          Worst output: <b>{worst.name}</b>, {valueText('sqnr', worst.sqnrDb)} against float.
        </p>
      )}
      {outputs.length > 1 && <OutputTable outputs={outputs} />}
    </>
  );
}

function figureText({ figures, intervals }: Score, name: MetricName): string {
  const value = figures?.[name];
  return value === undefined ? '–' : sureText(name, value, intervals?.[name]);
}

function OutputTable({ outputs }: { readonly outputs: readonly OutputFigures[] }) {
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">Output</th>
          <th scope="col">Figure</th>
          <th scope="col">Float</th>
          <th scope="col">Quantized</th>
          <th scope="col">SQNR</th>
        </tr>
      </thead>
      <tbody>
        {outputs.map(({ name, metric, float, quantized, interval, sqnrDb }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{metricInfo(metric).label}</td>
            <td>{sureText(metric, float, interval.float)}</td>
            <td>{sureText(metric, quantized, interval.quantized)}</td>
            <td>{valueText('sqnr', sqnrDb)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
