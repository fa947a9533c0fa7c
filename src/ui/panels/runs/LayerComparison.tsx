import { useMemo } from 'react';
import type { Run } from '../../../core/project/manifest';
import type { ChartData } from '../../charts/chart';
import { axisFromZero } from '../../charts/axis';
import { Chart } from '../../charts/Chart';
import { useStudio } from '../../app/studio';

interface Props {
  readonly a: Run;
  readonly b: Run;
  readonly onPick: (op: string) => void;
}

/** SQNR against float of every layer's output, of two runs; a click chooses the layer. */
export function LayerComparison({ a, b, onPick }: Props) {
  const layers = useStudio((state) => state.model.view?.layers ?? null);
  const selected = useStudio((state) => state.selection.layer);
  const data = useMemo((): ChartData => {
    const of = (run: Run) => new Map(run.layers.map(({ op, sqnrDb }) => [op, sqnrDb]));
    const [left, right] = [of(a), of(b)];
    const points = (layers ?? []).map(({ id, name }, x) => ({
      x,
      name,
      values: [left.get(id) ?? null, right.get(id) ?? null],
      marked: id === selected,
    }));
    const values = points.flatMap((point) => point.values.filter((value) => value !== null));
    return {
      x: { name: 'Layers, in order', lo: -0.5, hi: points.length - 0.5, ticks: [], text: String },
      y: axisFromZero(values, { name: 'SQNR against float, dB', count: 4 }),
      series: [
        { id: 'a', label: a.name, of: 'quant', look: 'line', draw: 'bars' },
        { id: 'b', label: b.name, of: 'quant', look: 'area', draw: 'bars' },
      ],
      points,
    };
  }, [a, b, layers, selected]);
  return (
    <Chart
      data={data}
      height={150}
      label={`SQNR of each layer, ${a.name} and ${b.name}`}
      onPick={(index) => layers?.[index] && onPick(layers[index].id)}
    />
  );
}
