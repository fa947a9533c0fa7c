import type { DType, Shape, Tensor, TensorId } from '../graph';
import type { Op } from './attrs';
import type { ShapeContext } from './definition';
import { reject } from './rules';
import { definitionOf } from './table';

export interface Inferred {
  /** The op with axes counted from the front and a null for each optional input it left out. */
  readonly op: Op;
  /** Shape of each output. */
  readonly shapes: readonly Shape[];
}

/** Types that no weights are multiplied with, unless they stand for real numbers. */
const WHOLE: ReadonlySet<DType> = new Set<DType>(['bool', 'int8', 'uint8', 'int16', 'int32', 'int64']);

/** Types that hold codes of real numbers wherever they are computed with. */
const NARROW: ReadonlySet<DType> = new Set<DType>(['int8', 'uint8', 'int16']);

function withOptionalInputs(op: Op, most: number): Op {
  if (!Number.isFinite(most) || op.inputs.length >= most) return op;
  return { ...op, inputs: [...op.inputs, ...Array<null>(most - op.inputs.length).fill(null)] };
}

/** Same values, whatever their order of keys; attributes are numbers, words and flat or nested lists of them. */
function equalAttrs(a: object, b: object): boolean {
  return Object.entries(a).every(([key, value]) => {
    const other: unknown = (b as Record<string, unknown>)[key];
    return Array.isArray(value) ? Array.isArray(other) && value.join() === other.join() : value === other;
  });
}

/** Output shapes of one op; `tensorAt` knows its inputs. Throws 'invalid-graph' where they do not suit the op. */
export function inferOp(op: Op, tensorAt: (id: TensorId) => Tensor): Inferred {
  const definition = definitionOf(op);
  const [least, most] = definition.arity;
  const given = op.inputs.length;
  if (given < least || given > most) {
    const wanted = least === most ? `${least}` : Number.isFinite(most) ? `${least} to ${most}` : `at least ${least}`;
    reject(op, `it has ${given} input(s), ${wanted} are needed`);
  }
  const complete = withOptionalInputs(op, most);
  const tensors = complete.inputs.map((id) => (id === null ? null : tensorAt(id)));
  const [x] = tensors;
  if (definition.quant.kind === 'weighted' && x && WHOLE.has(x.dtype) && !x.quant)
    reject(op, `it works on real numbers, and "${x.id}" is ${x.dtype}`);
  for (const tensor of tensors)
    if (tensor && definition.quant.kind === 'free' && NARROW.has(tensor.dtype) && !tensor.quant)
      reject(op, `it computes with real numbers, and "${tensor.id}" is ${tensor.dtype} without scale and zero point`);
  const context: ShapeContext = { tensors, shapes: tensors.map((tensor) => tensor && tensor.shape) };
  const shapes = definition.shape(complete, context);
  if (shapes.length !== op.outputs.length)
    reject(op, `it has ${op.outputs.length} output(s), ${shapes.length} are needed`);
  const attrs = definition.canonicalAttrs?.(complete, context);
  const unchanged = !attrs || equalAttrs(attrs, complete.attrs);
  return { op: unchanged ? complete : ({ ...complete, attrs } as Op), shapes };
}
