import { useMemo } from 'react';
import { lookup } from '../../../base/lookup';
import { rebin } from '../../../core/calibration/rebin';
import { INT8_ACTIVATION } from '../../../core/number-formats/format';
import { formatOf } from '../../../core/number-formats/table';
import type { Run } from '../../../core/project/manifest';
import type { LayerView } from '../../../jobs/contract/protocol';
import { shownCalibration } from '../../../state/slices/results';
import { axisBetween, axisFromZero } from '../../charts/axis';
import type { ChartData } from '../../charts/chart';
import { Chart } from '../../charts/Chart';
import { integer } from '../../parts/format';
import { useStudio } from '../../app/studio';
import { gridOf, partOf, quantizedCounts } from '../layer/live';

const BINS = 80;

/** The chosen layer's output in float, and as either run quantizes it. */
export function OverlaidHistograms({ layer, a, b }: { readonly layer: LayerView; readonly a: Run; readonly b: Run }) {
  const tensor = layer.output.id;
  const stats = useStudio((state) => lookup(shownCalibration(state.results)?.activations, tensor) ?? null);
  const data = useMemo((): ChartData | null => {
    if (!stats) return null;
    const span = stats.max - stats.min || 1;
    const view = { lo: stats.min - 0.02 * span, hi: stats.max + 0.02 * span };
    const float = rebin(stats.histogram, view.lo, view.hi, BINS);
    const quantized = (run: Run) => {
      const range = run.ranges.find((one) => one.tensor === tensor);
      if (!range) return null;
      const { format = 'int8' } = run.settings.activations;
      return quantizedCounts(
        [partOf(stats, range, gridOf(formatOf(format)?.activations, INT8_ACTIVATION))],
        view,
        BINS,
      );
    };
    const [left, right] = [quantized(a), quantized(b)];
    const points = Array.from(float, (count, i) => {
      const x = view.lo + ((i + 0.5) / BINS) * (view.hi - view.lo);
      return { x, name: x.toPrecision(3), values: [count, left?.[i] ?? null, right?.[i] ?? null] };
    });
    const tallest = [...float].sort((p, q) => q - p)[Math.floor(BINS / 20)] ?? 1;
    return {
      x: axisBetween(view.lo, view.hi, { name: `Output of ${layer.name}`, count: 6 }),
      // A spike at zero, as ReLU makes one, would press the rest to the ground.
      y: axisFromZero([1.5 * tallest], { name: 'Values', count: 3, text: integer }),
      series: [
        { id: 'float', label: 'float', of: 'float', look: 'area', draw: 'area' },
        { id: 'a', label: a.name, of: 'quant', look: 'line', draw: 'steps' },
        { id: 'b', label: b.name, of: 'quant', look: 'dashed', draw: 'steps' },
      ],
      points,
    };
  }, [stats, a, b, tensor, layer.name]);
  if (!data) return null;
  return <Chart data={data} height={160} label={`Histograms of the output of ${layer.name}`} />;
}
