import { describe, expect, it } from 'vitest';
import type { LayerRow } from '../../../state/results/layer-rows';
import { chartData } from './chart-data';

const row = (figures: Partial<LayerRow>): LayerRow =>
  ({
    layer: { id: 'conv' },
    shortName: 'conv',
    sqnrDb: 24.5,
    delta: -0.004,
    untrained: null,
    floatBytes: 440,
    quantizedBytes: 140,
    ...figures,
  }) as LayerRow;

const labels = ({ series }: ReturnType<typeof chartData>) => series.map(({ label }) => label);

describe('chartData', () => {
  it('is one bar a layer without training', () => {
    const data = chartData([row({})], 'sqnr', 'top1', 'conv');
    expect(data.points).toEqual([{ x: 0, name: 'conv', values: [24.5], texts: ['24.5 dB'], marked: true }]);
    expect(data.y).toMatchObject({ name: 'SQNR of the output against float, dB', lo: 0 });
    expect(chartData([row({ sqnrDb: null })], 'sqnr', 'top1', null).points[0]).toMatchObject({
      values: [null],
      texts: ['not measured'],
      marked: false,
    });
    expect(chartData([row({ sqnrDb: Infinity })], 'sqnr', 'top1', null).points[0]).toMatchObject({
      values: [80],
      texts: ['exact'],
    });
  });

  it('puts trained weights beside what they replace', () => {
    const rows = [row({ untrained: { sqnrDb: 18.2, delta: null } })];
    const sqnr = chartData(rows, 'sqnr', 'top1', null);
    expect(labels(sqnr)).toEqual(['PTQ', 'QAT']);
    expect(sqnr.points[0]).toMatchObject({ values: [18.2, 24.5], texts: ['18.2 dB', '24.5 dB'] });
    const delta = chartData(rows, 'delta', 'top1', null);
    expect(delta.points[0]).toMatchObject({ values: [null, -0.4], texts: ['not measured', '−0.40 pt'] });
    expect(delta.y.name).toBe('Change of accuracy, points');
  });

  it('compares sizes with float, trained or not', () => {
    const data = chartData([row({ untrained: { sqnrDb: 1, delta: 1 } })], 'size', 'top1', null);
    expect(labels(data)).toEqual(['Float', 'Quantized']);
    expect(data.points[0]).toMatchObject({ values: [440, 140], texts: ['440 B', '140 B'] });
  });
});
