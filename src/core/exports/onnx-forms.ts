/** Forms that are .onnx files. */
import { lookup } from '../../base/lookup';
import type { TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { definitionOf } from '../graph/ops/table';
import { isOpaque } from '../graph/partition';
import { whyNotInOnnx } from '../model-formats/onnx/writing/ops';
import { writeOnnx } from '../model-formats/onnx/write';
import type { Codes } from '../model-formats/onnx/writing/model';
import type { WeightStorage } from '../model-formats/onnx/writing/weighted';
import { storedActivationType, storedWeightFormat } from '../quantize/format-choice';
import type { QuantPlan } from '../quantize/plan';
import type { FormFile, FormRow, FormSource } from './form';

/** Operator sets: per-channel QuantizeLinear came with 13, types of 4 and 16 bits with 21. */
const OPSET = 13;
const OPSET_OF_OTHER_WIDTHS = 21;
/** Releases of onnxruntime that first ran these. */
const SINCE = '1.7';
const SINCE_OTHER_WIDTHS = '1.18';

const BLOCK = 32;

/** What an LSTM operator of TensorFlow Lite keeps in 16 bits is nobody's business in ONNX. */
function codesOf({ graph }: FormSource, plan: QuantPlan): (id: TensorId) => Codes | undefined {
  const cells = new Set(graph.ops.flatMap((op) => (op.kind === 'lstm' ? op.outputs.slice(1) : [])));
  return (id) => {
    const planned = cells.has(id) ? undefined : lookup(plan.activations, id);
    const type = planned && storedActivationType(planned);
    return planned && type ? { type, params: planned.params } : undefined;
  };
}

/** The same steps counted from 0: each code and zero point 128 more. */
function unsigned(codes: Codes | undefined): Codes | undefined {
  if (codes?.type !== 'int8') return codes;
  const { scale, zeroPoint } = codes.params;
  return { type: 'uint8', params: { ...codes.params, scale, zeroPoint: zeroPoint.map((zero) => zero + 128) } };
}

function storageOf({ graph }: FormSource, plan: QuantPlan): (op: Op) => WeightStorage {
  const inFloat = new Set(plan.keptFloat.map(({ op }) => op));
  return (op) => {
    const rule = definitionOf(op).quant;
    const id = rule.kind === 'weighted' && !inFloat.has(op.id) ? op.inputs[rule.weightInput] : null;
    const weights = id && graph.tensors.get(id)?.data ? lookup(plan.weights, id) : undefined;
    const format = weights && storedWeightFormat(weights);
    if (!format) return { as: 'real' };
    return { as: 'codes', params: weights.params, format, type: format.bits === 4 ? 'int4' : 'int8' };
  };
}

interface IntegerForm {
  readonly operators: boolean;
  readonly unsigned?: boolean;
}

function integers(source: FormSource, form: IntegerForm): FormFile {
  const plan = source.plan(source.settings);
  const [signed, storage] = [codesOf(source, plan), storageOf(source, plan)];
  const codes = form.unsigned ? (id: TensorId) => unsigned(signed(id)) : signed;
  const integerOperators = form.operators;
  const wide = Object.keys(plan.activations).some((id) => signed(id)?.type === 'int16');
  const packed = source.graph.ops.some((op) => {
    const stored = storage(op);
    return stored.as === 'codes' && stored.type === 'int4';
  });
  const opset = wide || packed ? OPSET_OF_OTHER_WIDTHS : OPSET;
  const options = { opset, real: 'float32', codesOf: codes, storageOf: storage, integerOperators } as const;
  return { bytes: writeOnnx(source.graph, options), plan, notes: plan.notes };
}

function reals(source: FormSource, real: 'float32' | 'float16', storage: (op: Op) => WeightStorage): FormFile {
  const codes = () => undefined;
  const options = { opset: OPSET, real, codesOf: codes, storageOf: storage, integerOperators: false };
  return { bytes: writeOnnx(source.graph, options), notes: [] };
}

function missing({ graph }: FormSource): string | undefined {
  const op = graph.ops.find((candidate) => isOpaque(candidate) || whyNotInOnnx(candidate) !== undefined);
  if (!op) return undefined;
  return isOpaque(op) ? `${op.attrs.operator} is not modelled` : `${op.sourceName || op.id}: ${whyNotInOnnx(op)}`;
}

function noDense(source: FormSource): string | undefined {
  const dense = source.graph.ops.some(({ kind }) => kind === 'fullyConnected');
  return missing(source) ?? (dense ? undefined : 'it has no dense layer, and others have no weights in blocks');
}

export const ONNX_FORMS: readonly FormRow[] = [
  {
    id: 'onnx-qdq',
    title: 'ONNX, QDQ',
    explain: 'QuantizeLinear and DequantizeLinear around float operators, which onnxruntime and others fuse.',
    extension: '.onnx',
    runtime: 'onnxruntime',
    since: SINCE,
    whyNot: missing,
    write: (source) => integers(source, { operators: false }),
  },
  {
    id: 'onnx-qdq-uint8',
    title: 'ONNX, QDQ with unsigned activations',
    explain: 'The same values counted from 0: older processors of Intel and AMD multiply unsigned by signed bytes.',
    extension: '.onnx',
    runtime: 'onnxruntime',
    since: SINCE,
    whyNot: missing,
    write: (source) => integers(source, { operators: false, unsigned: true }),
  },
  {
    id: 'onnx-qoperator',
    title: 'ONNX, QOperator',
    explain: 'Operators on integers, as older onnxruntimes on processors run them; 8 bits only.',
    extension: '.onnx',
    runtime: 'onnxruntime',
    since: SINCE,
    whyNot: missing,
    write: (source) => integers(source, { operators: true }),
  },
  {
    id: 'onnx-float16',
    title: 'ONNX, float16',
    explain: 'Half the size; for onnxruntime on graphics processors, WebGPU among them.',
    extension: '.onnx',
    runtime: 'onnxruntime',
    since: SINCE,
    whyNot: missing,
    write: (source) => reals(source, 'float16', () => ({ as: 'real' })),
  },
  {
    id: 'onnx-matmulnbits',
    title: 'ONNX, 4-bit MatMulNBits',
    explain: 'Dense layers with weights in blocks of four bits, for onnxruntime on processors and WebGPU.',
    extension: '.onnx',
    runtime: 'onnxruntime',
    since: SINCE_OTHER_WIDTHS,
    whyNot: noDense,
    write: (source) =>
      reals(source, 'float32', (op) => (op.kind === 'fullyConnected' ? { as: 'blocks', size: BLOCK } : { as: 'real' })),
  },
];
