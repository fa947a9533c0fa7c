import { HOROWITZ, FORMATSCOPE, VAN_BAALEN } from './mac';
import type { LayerCost, ModelCost } from './model-cost';

/** A column of the cost table: one figure of a layer and of the whole. */
export interface CostMetric {
  readonly id: string;
  readonly label: string;
  readonly unit: 'count' | 'bytes' | 'bit operations' | 'pJ' | 'bits' | '× INT8';
  /** One sentence for the page. */
  readonly explain: string;
  /** Where the figure is from, or that it is counted. */
  readonly source: string;
  of(layer: LayerCost): number | null;
  /** null where layers do not add up. */
  total(cost: ModelCost): number | null;
}

const COUNTED = 'counted on the graph';

export const COST_METRICS: readonly CostMetric[] = [
  {
    id: 'parameters',
    label: 'Parameters',
    unit: 'count',
    explain: 'Trained values.',
    source: COUNTED,
    of: ({ parameters }) => parameters,
    total: ({ total }) => total.parameters,
  },
  {
    id: 'bytes',
    label: 'Weight memory',
    unit: 'bytes',
    explain: 'Weights and biases packed to their bit widths, without what a file adds.',
    source: COUNTED,
    of: ({ bytes }) => bytes,
    total: ({ total }) => total.bytes,
  },
  {
    id: 'macs',
    label: 'MACs',
    unit: 'count',
    explain: 'Multiply-accumulates of one inference.',
    source: COUNTED,
    of: ({ macs }) => macs,
    total: ({ total }) => total.macs,
  },
  {
    id: 'bops',
    label: 'BOPs',
    unit: 'bit operations',
    explain: 'MACs × bits of a weight × bits of an activation: compares bit widths regardless of hardware.',
    source: COUNTED,
    of: ({ bops }) => bops,
    total: ({ total }) => total.bops,
  },
  {
    id: 'weight-traffic',
    label: 'Weight traffic',
    unit: 'bytes',
    explain: 'Bytes of weights read for one inference if each is read once.',
    source: COUNTED,
    of: ({ weightTraffic }) => weightTraffic,
    total: ({ total }) => total.weightTraffic,
  },
  {
    id: 'activation-traffic',
    label: 'Activation traffic',
    unit: 'bytes',
    explain: 'Bytes of activations read and written for one inference, each once per layer.',
    source: COUNTED,
    of: ({ activationTraffic }) => activationTraffic,
    total: ({ total }) => total.activationTraffic,
  },
  {
    id: 'alu-energy',
    label: 'ALU energy',
    unit: 'pJ',
    explain: 'Energy of the multipliers and adders alone at 45 nm; a device takes a thousand times that and more.',
    source: HOROWITZ,
    of: ({ aluPicojoules }) => aluPicojoules,
    total: ({ total }) => total.aluPicojoules,
  },
  {
    id: 'mac-area',
    label: 'MAC area',
    unit: '× INT8',
    explain: 'Gates of one multiply-accumulate relative to INT8; for FP8 the accumulator decides.',
    source: `${VAN_BAALEN}; ${FORMATSCOPE}`,
    of: ({ macArea }) => macArea?.value ?? null,
    total: () => null,
  },
  {
    id: 'accumulator',
    label: 'Exact accumulator',
    unit: 'bits',
    explain: 'Width of a fixed-point accumulator that adds all products of an output without rounding.',
    source: 'by definition of the formats',
    of: ({ accumulatorBits }) => accumulatorBits,
    total: ({ layers }) =>
      layers.reduce<number | null>(
        (most, l) => (l.accumulatorBits === null ? most : Math.max(most ?? 0, l.accumulatorBits)),
        null,
      ),
  },
];
