/** Forms that are .tflite files. */
import { RangefinderError } from '../../base/errors';
import { isOpaque } from '../graph/partition';
import { definitionOf } from '../graph/ops/table';
import type { Graph } from '../graph/graph';
import { quantizeGraph } from '../quantize/quantize-graph';
import type { QuantSettings } from '../quantize/settings';
import { cProject, missingOnMicrocontrollers } from './c-project';
import type { FormFile, FormRow, FormSource } from './form';
import { MOST_INDEX_BITS, withLookupTables } from './lookup-tables';
import { hasHybridKernel, withHalfConstants, withIntegerWeights } from './stored-weights';

function integers(source: FormSource, settings: QuantSettings): FormFile {
  const plan = source.plan(settings);
  return { bytes: source.tflite(quantizeGraph(source.graph, plan, settings)), plan, notes: plan.notes };
}

/** The int8 file with what a microcontroller needs around it. */
async function project(source: FormSource): Promise<FormFile> {
  const { bytes, ...file } = integers(source, source.settings);
  const missing = missingOnMicrocontrollers(bytes);
  if (missing.length > 0)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `TensorFlow Lite for Microcontrollers has no kernel for ${missing.join(', ')}.`,
      hint: 'Replace these layers, or export a .tflite for LiteRT.',
      details: missing,
    });
  return { ...file, bytes: cProject(bytes, source.name, await source.goldens(bytes)) };
}

/** Bits of an index where the settings ask for no fewer than eight a weight. */
const INDEX_BITS = 4;

/** The int8 file with its weights as indices into tables, of as many bits as the settings give a weight. */
function tables(source: FormSource): FormFile {
  const { format, ...weights } = source.settings.weights;
  const asked = Number(/^int(\d+)$/.exec(format ?? '')?.[1] ?? 8);
  const bits = asked <= MOST_INDEX_BITS ? asked : INDEX_BITS;
  const { bytes, plan, notes } = integers(source, { ...source.settings, weights });
  const { compressed, plain, tables: count, left } = withLookupTables(bytes, bits);
  if (count === 0)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `No weights of this model become smaller as indices of ${bits} bits.`,
      hint: 'Export int8: layers this small cost more as tables.',
    });
  const grown = left === 0 ? [] : [`${left} weight tensors stay as they are: tables would make them larger.`];
  const run = 'Figures are those of the same weights written out, which compute the same.';
  return { bytes: compressed, twin: plain, ...(plan && { plan }), notes: [...notes, ...grown, run] };
}

/** The same choices with other formats of activations; layers' own stay. */
const withActivations = (settings: QuantSettings, format: string): QuantSettings => ({
  ...settings,
  activations: { ...settings.activations, format },
});

/** The same choices for weights of so many bits, and none for the activations, which stay float. */
function weightsOnly(source: FormSource, format: 'int8' | 'int4', direct: typeof hasHybridKernel): FormFile {
  const { settings, graph } = source;
  // Sixteen codes reach every weight only in steps that are too coarse for most: cut off what costs least.
  const { estimator } = settings.weights;
  const found = format === 'int4' && estimator.id === 'minmax' ? { id: 'mse', params: {} } : estimator;
  const plan = source.plan({ ...settings, weights: { ...settings.weights, format, estimator: found } });
  const stored = withIntegerWeights(graph, plan, { direct, dtype: format });
  const inFloat = plan.keptFloat.filter(({ op }) => hasWeights(graph, op)).map(({ op, reason }) => `${op}: ${reason}`);
  return { bytes: source.tflite(stored), notes: inFloat };
}

function hasWeights(graph: Graph, id: string): boolean {
  const op = graph.ops.find((candidate) => candidate.id === id);
  return op !== undefined && WITH_WEIGHTS.has(definitionOf(op).quant.kind);
}

const WITH_WEIGHTS: ReadonlySet<string> = new Set(['weighted', 'recurrent']);

const noWeights = ({ graph }: FormSource) =>
  graph.ops.some((op) => WITH_WEIGHTS.has(definitionOf(op).quant.kind))
    ? undefined
    : 'no layer of the model has weights to be stored';

const opaqueInputs = ({ graph }: FormSource) =>
  graph.ops.some(isOpaque) ? 'operators that are not modelled read activations of 8 bits or float' : undefined;

export const TFLITE_FORMS: readonly FormRow[] = [
  {
    id: 'int8',
    title: 'int8',
    explain: 'Integers throughout: the fastest form on processors, microcontrollers and accelerators.',
    extension: '.tflite',
    runtime: 'litert',
    write: (source) => integers(source, source.settings),
  },
  {
    id: 'int16x8',
    title: '16×8: 16-bit activations, 8-bit weights',
    explain: 'As small as int8, nearly as exact as float; microcontrollers run it, slower than int8.',
    extension: '.tflite',
    runtime: 'litert',
    whyNot: opaqueInputs,
    write: (source) => integers(source, withActivations(source.settings, 'int16')),
  },
  {
    id: 'dynamic-range',
    title: 'Dynamic range',
    explain: 'Weights of 8 bits; activations are rounded as the model runs, so that it needs no calibration.',
    extension: '.tflite',
    runtime: 'litert',
    whyNot: noWeights,
    write: (source) => weightsOnly(source, 'int8', hasHybridKernel),
  },
  {
    id: 'weight-only-int8',
    title: 'int8 weights, float arithmetic',
    explain: 'A quarter of the size and the speed of float: for models whose download counts.',
    extension: '.tflite',
    runtime: 'litert',
    whyNot: noWeights,
    write: (source) => weightsOnly(source, 'int8', () => false),
  },
  {
    id: 'weight-only-int4',
    title: 'int4 weights, float arithmetic',
    explain: 'An eighth of the size; four bits a weight are few, so look at the score.',
    extension: '.tflite',
    runtime: 'litert',
    whyNot: noWeights,
    write: (source) => weightsOnly(source, 'int4', () => false),
  },
  {
    id: 'float16',
    title: 'float16',
    explain: 'Half the size, hardly any loss; graphics processors compute in it.',
    extension: '.tflite',
    runtime: 'litert',
    write: (source) => ({ bytes: source.tflite(withHalfConstants(source.graph)), notes: [] }),
  },
  {
    id: 'tflm-lut',
    title: 'int8, weights in lookup tables',
    explain: 'Weights as indices of a few bits into tables of values: for microcontrollers whose flash is scarce.',
    extension: '.tflite',
    runtime: 'litert',
    since: 'tflite-micro of 2025',
    whyNot: noWeights,
    write: tables,
  },
  {
    id: 'c-project',
    title: 'C++ project for microcontrollers',
    explain: 'The int8 model as an array, with samples to test it by, for Arduino, ESP-IDF and Zephyr.',
    extension: '.zip',
    runtime: 'none',
    write: project,
  },
];
