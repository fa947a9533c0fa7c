/**
 * Writes a Graph as an ONNX model. Images stand as [N,C,H,W], as ONNX's convolutions want them, model inputs and outputs
 * included; they are turned where an op needs the Graph's order and nowhere else.
 */
import { RangefinderError } from '../../../base/errors';
import { tensorOf, type Graph, type TensorId } from '../../graph/graph';
import type { Op, OpKind } from '../../graph/ops/attrs';
import { permutedShape } from '../../graph/permute';
import { TO_NCHW } from './layouts';
import { encodeMessage } from './proto/encode';
import { integerNode } from './writing/integer-ops';
import { ModelWriter, valueInfo, type Order, type WriterOptions } from './writing/model';
import { firstReal, keepsOrder, ONNX_WRITERS, whyNotInOnnx, type OnnxOpRow, type Written } from './writing/ops';
import type { StorageOf } from './writing/weighted';

/** The release of the file format that the operator set belongs to. */
const IR_VERSIONS: readonly (readonly [opset: number, ir: number])[] = [
  [21, 10],
  [19, 9],
  [15, 8],
  [0, 7],
];

export interface OnnxOptions extends WriterOptions {
  readonly storageOf: StorageOf;
  /** Whether layers on codes are written as operators on integers (QLinearConv …) where there are any. */
  readonly integerOperators: boolean;
}

/** @throws RangefinderError 'unsupported-op' naming all ops that have no form in ONNX */
export function writeOnnx(graph: Graph, options: OnnxOptions): Uint8Array<ArrayBuffer> {
  const refused = graph.ops.flatMap((op) => {
    const reason = whyNotInOnnx(op);
    return reason === undefined ? [] : [`${op.sourceName || op.id}: ${reason}`];
  });
  if (refused.length > 0)
    throw new RangefinderError({
      code: 'unsupported-op',
      message: `${refused.length === 1 ? 'An op has' : `${refused.length} ops have`} no form in ONNX; the first: ${refused[0]}.`,
      hint: 'Export a .tflite instead.',
      details: refused.slice(0, 100),
    });
  const writer = new ModelWriter(graph, options);
  for (const id of graph.inputs) addInput(writer, id);
  for (const op of graph.ops) addOp(writer, op, options);
  for (const id of graph.outputs) addOutput(writer, id);
  return encoded(writer);
}

const isImage = (graph: Graph, id: TensorId) => tensorOf(graph, id).shape.length === 4;
const isReal = (graph: Graph, id: TensorId) => tensorOf(graph, id).dtype === 'float32';
const orderOf = (graph: Graph, id: TensorId): Order => (isImage(graph, id) ? 'nchw' : 'nhwc');

const HALF = 10;
const FLOAT = 1;

function addInput(writer: ModelWriter, id: TensorId): void {
  const { graph, options } = writer;
  const halves = options.real === 'float16' && isReal(graph, id);
  writer.putReal(id, orderOf(graph, id), halves ? writer.node('Cast', [id], { to: HALF }) : id);
}

/** Outputs are real numbers under the names the Graph has; a model may hand out an input or a constant. */
function addOutput(writer: ModelWriter, id: TensorId): void {
  const { graph, options } = writer;
  if (graph.inputs.includes(id)) return;
  const value = writer.real(id, orderOf(graph, id));
  const halves = options.real === 'float16' && isReal(graph, id);
  writer.nodeOf(halves ? 'Cast' : 'Identity', [value], [id], halves ? { to: FLOAT } : {});
}

function addOp(writer: ModelWriter, op: Op, options: OnnxOptions): void {
  const storage = options.storageOf(op);
  if (options.integerOperators && integerNode(writer, op, storage)) return;
  const row = ONNX_WRITERS[op.kind] as unknown as OnnxOpRow<OpKind>;
  const order = orderFor(writer, op, row);
  const written: Written<OpKind> = {
    w: writer,
    op,
    order,
    storage,
    x: (index) => writer.real(op.inputs[index]!, order),
    axis: (axis) => (order === 'nchw' ? TO_NCHW.indexOf(axis) : axis),
  };
  const names = [row.write(written)].flat();
  op.outputs.forEach((id, i) => writer.putReal(id, order, activated(writer, op, names[i])));
}

/** Ops that take images either way do so in the order in which their first input is there. */
function orderFor(writer: ModelWriter, op: Op, { orders }: OnnxOpRow<OpKind>): Order {
  if (orders !== 'any') return orders;
  const ranks = [...op.inputs, ...op.outputs].flatMap((id) => (id === null ? [] : [writer.shape(id).length]));
  const first = firstReal(writer, op.inputs);
  const others = op.inputs.every((id) => id === null || writer.isConstant(id) || writer.shape(id).length === 4);
  if (!first || !keepsOrder(op) || !others || Math.max(...ranks) !== 4 || writer.shape(first).length !== 4)
    return 'nhwc';
  return writer.has(first, 'nchw') ? 'nchw' : 'nhwc';
}

/** The activation an op applies to its own output. */
function activated(writer: ModelWriter, { activation }: Op, name: string): string {
  switch (activation) {
    case 'none':
      return name;
    case 'relu':
      return writer.node('Relu', [name]);
    case 'relu6':
      return writer.node('Clip', [name, writer.number(0), writer.number(6)]);
    case 'reluN1To1':
      return writer.node('Clip', [name, writer.number(-1), writer.number(1)]);
  }
}

function encoded({ graph, nodes, initializers, opset, domains }: ModelWriter): Uint8Array<ArrayBuffer> {
  const info = (id: TensorId) => {
    const { dtype, shape } = tensorOf(graph, id);
    return valueInfo(id, dtype, isImage(graph, id) ? permutedShape(shape, TO_NCHW) : shape);
  };
  return encodeMessage('ModelProto', {
    irVersion: IR_VERSIONS.find(([since]) => opset >= since)![1],
    producerName: 'Rangefinder',
    opsetImport: [{ domain: '', version: opset }, ...[...domains].map((domain) => ({ domain, version: 1 }))],
    graph: {
      name: graph.name || 'model',
      node: nodes,
      initializer: initializers,
      input: graph.inputs.map(info),
      output: graph.outputs.map(info),
    },
  });
}
