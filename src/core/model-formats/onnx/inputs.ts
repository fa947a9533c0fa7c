/** What the model is fed: shapes, element types, and which inputs are images. */
import { lookup } from '../../../base/lookup';
import { RangefinderError } from '../../../base/errors';
import type { DType, QuantParams } from '../../graph/graph';
import { permutedShape } from '../../graph/permute';
import type { OpenSizes } from '../open-sizes';
import { elementType, isReal, typeName, type ElementType } from './constant';
import type { Importer } from './importer';
import { TO_NCHW, TO_NHWC } from './layouts';
import { OnnxNode } from './node';
import { ONNX_OPS } from './ops/table';
import type { Message } from './proto/schema';

export interface ModelInput {
  readonly name: string;
  /** As in the file, an open batch as 1. */
  readonly shape: readonly number[];
  readonly openBatch: boolean;
  readonly dtype: DType;
  /** Whether the file has truth values here, which are fed as whole numbers. */
  readonly truths: boolean;
  /** Of quantized values, which is what reads them first says. */
  readonly quant?: QuantParams | undefined;
}

/** @throws RangefinderError 'unsupported-feature' for types we cannot feed */
export function inputOf(
  { name = '', type }: Message<'ValueInfoProto'>,
  nodes: readonly Message<'NodeProto'>[],
  importer: Importer,
  open: OpenSizes,
  fileName: string,
): ModelInput {
  const refuse = (problem: string, hint: string) =>
    new RangefinderError({
      code: 'unsupported-feature',
      message: `Input "${name}" ${problem}.`,
      where: fileName,
      hint,
    });
  const tensor = type?.tensorType;
  if (!tensor) throw refuse('is not a tensor', 'Export a model that takes tensors.');
  const element = elementType(tensor.elemType ?? 0);
  const quant = element && quantizationOf(name, nodes, importer);
  const dtype = element && dtypeOf(element, quant !== undefined, isCastFirst(name, nodes));
  if (!dtype)
    throw refuse(
      `has elements of type ${typeName(tensor.elemType ?? 0)}, which Rangefinder does not feed`,
      'Cut the model behind this input, or export it with float inputs.',
    );
  if (!tensor.shape)
    throw refuse('has no shape', 'Export the model for a fixed input size, or run onnx.shape_inference on it.');
  const [batch, ...rest] = tensor.shape.dim;
  const openBatch = batch !== undefined && !isSize(batch.dimValue);
  const others = open.fixed(
    name,
    rest.map(({ dimValue, dimParam }) => (isSize(dimValue) ? dimValue : dimParam || null)),
  );
  const shape = batch === undefined ? [] : [isSize(batch.dimValue) ? batch.dimValue : 1, ...others];
  const truths = element === 'BOOL' && dtype === 'int32';
  return { name, shape, openBatch, dtype, truths, ...(QUANTIZED.includes(dtype) && { quant }) };
}

const isSize = (d: number | undefined): d is number => d !== undefined && Number.isSafeInteger(d) && d >= 1;

const QUANTIZED: readonly DType[] = ['int8', 'uint8', 'int16'];

/** The type an input gets in the Graph; undefined where it has none. */
function dtypeOf(element: ElementType, quantized: boolean, castFirst: boolean): DType | undefined {
  if (isReal(element) || castFirst) return 'float32';
  if (element === 'INT32' || element === 'INT64' || element === 'BOOL') return 'int32';
  const dtype = element.toLowerCase() as DType;
  return quantized && QUANTIZED.includes(dtype) ? dtype : undefined;
}

/** Parameters of an input that all its readers take for quantized values, in the same way. */
function quantizationOf(
  name: string,
  nodes: readonly Message<'NodeProto'>[],
  importer: Importer,
): QuantParams | undefined {
  const readers = nodes.filter(({ input }) => input.includes(name));
  const [first] = readers;
  if (!first || readers.some(({ opType, input }) => opType !== 'DequantizeLinear' || input[1] !== first.input[1]))
    return undefined;
  // Parameters that are fed or computed themselves say nothing of the input.
  if (first.input.slice(1).some((parameter) => parameter !== '' && !importer.knows(parameter))) return undefined;
  const node = new OnnxNode(importer, first);
  const [scale, zeroPoint] = [node.constant(1), node.constant(2)];
  if (scale?.values.length !== 1) return undefined;
  return {
    scale: Float32Array.from(scale.values),
    zeroPoint: Int32Array.from(zeroPoint?.values ?? [0]),
    quantizedDimension: 0,
  };
}

/** Whether all that reads an input first makes real numbers of it. */
function isCastFirst(name: string, nodes: readonly Message<'NodeProto'>[]): boolean {
  const readers = nodes.filter(({ input }) => input.includes(name));
  return readers.length > 0 && readers.every(({ opType }) => opType === 'Cast');
}

/**
 * Names of tensors that reach an op on [N,C,H,W] through ops that keep the dimensions' meaning: of the model's inputs,
 * these are images.
 */
export function imageInputs(nodes: readonly Message<'NodeProto'>[]): ReadonlySet<string> {
  const images = new Set<string>();
  for (const { opType, input, output } of nodes.toReversed()) {
    const layout = lookup(ONNX_OPS, opType)?.layout;
    const [first] = input;
    if (layout === 'channels-first') images.add(first);
    else if (layout === 'any' && output.some((name) => images.has(name))) for (const name of input) images.add(name);
  }
  return images;
}

/** Adds a model input; images in the Graph's own order, with a transpose behind them that the file's ops expect. */
export function addInput(importer: Importer, input: ModelInput, image: boolean): void {
  const { name, shape, dtype, truths, quant } = input;
  if (truths) {
    importer.note(`input "${name}" takes 0 for false and 1 for true`);
    const { builder } = importer;
    const zero = builder.constant(`${name}/zero`, Int32Array.of(0), []);
    const [holds] = builder.op('notEqual', `${name}/holds`, [builder.input(name, shape, dtype), zero], {});
    importer.define(name, holds);
    return;
  }
  if (dtype === 'int32') importer.note(`input "${name}" takes 32-bit whole numbers`);
  if (shape.length !== 4 || !image) {
    importer.define(name, importer.builder.input(name, shape, dtype, quant));
    return;
  }
  const id = importer.builder.input(name, permutedShape(shape, TO_NHWC), dtype, quant);
  const [nchw] = importer.builder.op('transpose', `${name}/nchw`, [id], { permutation: TO_NCHW }, quant && { quant });
  importer.define(name, nchw);
  importer.note(`input "${name}" takes images as [N, H, W, C]; the file has them as [N, C, H, W]`);
}
