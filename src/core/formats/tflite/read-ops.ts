/** Operators of a subgraph, in file order, as ops of the Graph with inferred shapes. */
import { RangefinderError } from '../../errors';
import { BATCH, type Shape, type Tensor, type TensorId } from '../../graph/graph';
import { UniqueNames } from '../../graph/names';
import type { Op } from '../../graph/ops/attrs';
import { inferOp } from '../../graph/ops/infer';
import { BUILTIN_READERS } from './ops/table';
import type { FileOp, ReadState } from './source-op';
import { unsupportedOps } from './unsupported';

/** Sizes that the file leaves open, besides the batch, are those it declares beside them: runtimes allocate these. */
export function readInputs({ tensors, written, fileName }: ReadState, indices: Iterable<number>): Tensor[] {
  return Array.from(indices, (index) => {
    const tensor = tensors.pinned(index);
    const problem = tensor.data
      ? 'is a constant'
      : tensor.shape.includes(0)
        ? `has the empty shape [${tensor.shape.join(', ')}]`
        : undefined;
    if (problem)
      throw new RangefinderError({
        code: 'unsupported-feature',
        message: `The input "${tensor.id}" ${problem}.`,
        where: fileName,
        hint: 'Export the model with fixed input dimensions besides the batch.',
      });
    written.add(index);
    return tensor;
  });
}

/** The ops, and the tensors they use by id. */
export function readOps(state: ReadState, fileOps: readonly FileOp[]): { ops: Op[]; used: Map<TensorId, Tensor> } {
  const used = new UsedTensors();
  const names = new UniqueNames();
  const ops: Op[] = [];
  for (const fileOp of fileOps) {
    const value = fileOp.evaluate();
    if (value) state.shapeValues.set(fileOp.output(0), value);
    else if (!foldDequantize(state, fileOp)) ops.push(readOp(state, fileOp, used, names));
  }
  return { ops, used: used.byId };
}

function readOp(state: ReadState, fileOp: FileOp, used: UsedTensors, names: UniqueNames): Op {
  const { tensors, written } = state;
  const reader = BUILTIN_READERS.get(fileOp.builtin);
  if (!reader) throw unsupportedOps([fileOp], state.fileName);
  const { attrs, inputs, activation = 'none' } = reader.read(fileOp);
  const outputs = Array.from(fileOp.outputs, (index) => tensors.get(index));
  const sourceName = outputs[0] ? outputs[0].id.split(';')[0]! : `operator_${fileOp.index}`;
  const draft = {
    id: names.take(sourceName),
    kind: reader.kind,
    attrs,
    inputs: inputs.map((tensor) => tensor && used.add(tensor)),
    outputs: outputs.map(({ id }) => id),
    activation,
    sourceName,
  } as Op;
  const { op, shapes } = inferOp(draft, (id) => used.byId.get(id)!);
  shapes.forEach((shape, i) => {
    const index = fileOp.output(i);
    agree(fileOp, tensors.declaredShape(index), shape);
    const tensor = { ...outputs[i]!, shape };
    tensors.set(index, tensor);
    written.add(index);
    used.add(tensor);
  });
  return op;
}

/** DEQUANTIZE of a constant: its readers get the float32 constant instead. */
function foldDequantize({ tensors, written }: ReadState, fileOp: FileOp): boolean {
  if (fileOp.builtin !== 'DEQUANTIZE' || !fileOp.input(0).data) return false;
  const constant = tensors.asFloat(fileOp.inputs[0]!);
  const output = fileOp.output(0);
  if (written.has(output)) throw fileOp.corrupt(`writes "${tensors.name(output)}", which exists already`);
  agree(fileOp, tensors.declaredShape(output), constant.shape);
  tensors.set(output, constant);
  return true;
}

/** The file's own shapes must be those its operators compute; -1 is open, and a first 1 beside an open size is no promise. */
function agree(fileOp: FileOp, declared: Shape, inferred: Shape): void {
  const open = declared.indexOf(-1, 1) > 0;
  const fits =
    declared.length === inferred.length &&
    declared.every(
      (d, axis) => d === -1 || d === inferred[axis] || inferred[axis] === BATCH || (open && axis === 0 && d === 1),
    );
  if (!fits) throw fileOp.corrupt(`declares the shape [${declared.join(', ')}] but computes [${inferred.join(', ')}]`);
}

/** Tensors by id. A constant that is read both as stored and as float32 gets a second id for the latter. */
class UsedTensors {
  readonly byId = new Map<TensorId, Tensor>();
  private readonly renamed = new Map<Tensor, TensorId>();

  add(tensor: Tensor): TensorId {
    const known = this.byId.get(tensor.id);
    if (known === tensor) return tensor.id;
    if (!known) {
      this.byId.set(tensor.id, tensor);
      return tensor.id;
    }
    let id = this.renamed.get(tensor);
    if (id !== undefined) return id;
    id = `${tensor.id}_${tensor.dtype}`;
    while (this.byId.has(id)) id += '_';
    this.renamed.set(tensor, id);
    this.byId.set(id, { ...tensor, id });
    return id;
  }
}
