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

describe('chartData', () => {
  it('is one bar a layer without training', () => {
    expect(chartData([row({})], 'sqnr', 'top1')[0]).toEqual({
      id: 'conv',
      name: 'conv',
      bars: [{ of: 'quant', value: 24.5 }],
      text: '24.5 dB',
    });
    expect(chartData([row({ sqnrDb: null })], 'sqnr', 'top1')[0]).toMatchObject({
      bars: [{ value: null }],
      text: 'not measured',
    });
    expect(chartData([row({ sqnrDb: Infinity })], 'sqnr', 'top1')[0]).toMatchObject({ bars: [{ value: 80 }] });
  });

  it('puts trained weights beside what they replace', () => {
    const rows = [row({ untrained: { sqnrDb: 18.2, delta: null } })];
    expect(chartData(rows, 'sqnr', 'top1')[0]).toMatchObject({
      bars: [
        { of: 'quant', value: 18.2 },
        { of: 'qat', value: 24.5 },
      ],
      text: 'PTQ 18.2 dB, QAT 24.5 dB',
    });
    expect(chartData(rows, 'delta', 'top1')[0]).toMatchObject({
      bars: [
        { of: 'quant', value: null },
        { of: 'qat', value: -0.4 },
      ],
      text: 'PTQ not measured, QAT −0.40 pt',
    });
  });

  it('compares sizes with float, trained or not', () => {
    const sizes = chartData([row({ untrained: { sqnrDb: 1, delta: 1 } })], 'size', 'top1')[0]!;
    expect(sizes.bars).toEqual([
      { of: 'float', value: 440 },
      { of: 'quant', value: 140 },
    ]);
  });
});
