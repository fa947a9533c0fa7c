/** What a model costs in given number formats, layer by layer, from its shapes alone. */
import { elementCount, tensorOf, type Graph, type OpId, type TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { definitionOf } from '../graph/ops/table';
import { macCount, parameterCount } from '../graph/summary';
import { bitsOf, type AnyFormat } from '../number-formats/format';
import { activationBytes, planArena, type ArenaPlan } from './arena';
import { exactAccumulatorBits, macArea, macEnergy, type AccumulatorId, type MacFigure } from './mac';

/** Which format each tensor has: weights and other constants, and activations. */
export type FormatOf = (id: TensorId) => AnyFormat;

export interface LayerCost {
  readonly op: OpId;
  readonly name: string;
  readonly parameters: number;
  readonly macs: number;
  /** Bits of a weight and of an input value; null where the layer multiplies nothing. */
  readonly weightBits: number | null;
  readonly activationBits: number | null;
  /** Of the constants, packed to their bit widths; one that several layers share counts for each. */
  readonly bytes: number;
  /** MACs × bits of a weight × bits of an activation. */
  readonly bops: number;
  /** Bytes of constants read for one inference, each once. */
  readonly weightTraffic: number;
  /** Bytes of activations read and written, each once. */
  readonly activationTraffic: number;
  /** Of all its multiply-accumulates, in the ALU alone. */
  readonly aluPicojoules: number;
  readonly macEnergy: MacFigure | null;
  readonly macArea: MacFigure | null;
  /** Products that one output value adds up. */
  readonly products: number;
  readonly accumulatorBits: number | null;
}

export interface ModelCost {
  readonly accumulator: AccumulatorId;
  readonly layers: readonly LayerCost[];
  readonly total: Pick<
    LayerCost,
    'parameters' | 'macs' | 'bytes' | 'bops' | 'weightTraffic' | 'activationTraffic' | 'aluPicojoules'
  >;
  readonly arena: ArenaPlan;
}

export function modelCost(graph: Graph, formatOf: FormatOf, accumulator: AccumulatorId = 'fp16'): ModelCost {
  const layers = graph.ops.map((op) => layerCost(graph, op, formatOf, accumulator));
  const sum = (of: (layer: LayerCost) => number) => layers.reduce((total, layer) => total + of(layer), 0);
  const stored = new Set(graph.ops.flatMap((op) => constantsOf(graph, op)));
  return {
    accumulator,
    layers,
    total: {
      parameters: parameterCount(graph),
      macs: sum(({ macs }) => macs),
      bytes: [...stored].reduce((bytes, id) => bytes + storedBytes(graph, id, formatOf), 0),
      bops: sum(({ bops }) => bops),
      weightTraffic: sum(({ weightTraffic }) => weightTraffic),
      activationTraffic: sum(({ activationTraffic }) => activationTraffic),
      aluPicojoules: sum(({ aluPicojoules }) => aluPicojoules),
    },
    arena: planArena(graph, (id) => activationBytes(graph, id, bitsOf(formatOf(id)))),
  };
}

function constantsOf(graph: Graph, op: Op): TensorId[] {
  return op.inputs.filter((id): id is TensorId => id !== null && tensorOf(graph, id).data !== undefined);
}

function activationsOf(graph: Graph, op: Op): TensorId[] {
  const inputs = op.inputs.filter((id): id is TensorId => id !== null && !tensorOf(graph, id).data);
  return [...new Set([...inputs, ...op.outputs])];
}

/** Blocks pay for their shared scales, too. */
function storedBytes(graph: Graph, id: TensorId, formatOf: FormatOf): number {
  const format = formatOf(id);
  const count = elementCount(tensorOf(graph, id).shape);
  const shared = format.kind === 'block' ? Math.ceil(count / format.size) * (format.scaleBytes ?? 1) : 0;
  return Math.ceil((count * bitsOf(format)) / 8) + shared;
}

function layerCost(graph: Graph, op: Op, formatOf: FormatOf, accumulator: AccumulatorId): LayerCost {
  const rule = definitionOf(op).quant;
  const macs = macCount(graph, op);
  const bytes = constantsOf(graph, op).reduce((sum, id) => sum + storedBytes(graph, id, formatOf), 0);
  const activationTraffic = activationsOf(graph, op).reduce(
    (sum, id) => sum + activationBytes(graph, id, bitsOf(formatOf(id))),
    0,
  );
  const common = {
    op: op.id,
    name: op.sourceName || op.id,
    parameters: parameterCount(graph, op),
    macs,
    bytes,
    weightTraffic: bytes,
    activationTraffic,
  };
  const weightInput =
    rule.kind === 'weighted' ? rule.weightInput : rule.kind === 'recurrent' ? rule.weightInputs[0] : null;
  const weight = weightInput === null ? null : op.inputs[weightInput];
  const input = op.inputs[0];
  if (!weight || !input || macs === 0) return { ...common, ...NO_PRODUCTS };
  const [w, a] = [formatOf(weight), formatOf(input)];
  const energy = macEnergy(w, a, accumulator);
  const products = macs / elementCount(tensorOf(graph, op.outputs[0]).shape);
  return {
    ...common,
    weightBits: bitsOf(w),
    activationBits: bitsOf(a),
    bops: macs * bitsOf(w) * bitsOf(a),
    aluPicojoules: macs * energy.value,
    macEnergy: energy,
    macArea: macArea(w, a, accumulator),
    products,
    accumulatorBits: exactAccumulatorBits(w, a, products),
  };
}

const NO_PRODUCTS = {
  weightBits: null,
  activationBits: null,
  bops: 0,
  aluPicojoules: 0,
  macEnergy: null,
  macArea: null,
  products: 0,
  accumulatorBits: null,
} as const;
