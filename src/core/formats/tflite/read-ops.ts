/** Operators of a subgraph, in file order, as ops of the Graph with inferred shapes. */
import { RangefinderError } from '../../errors';
import { BATCH, type Shape, type Tensor, type TensorId } from '../../graph/graph';
import { UniqueNames } from '../../graph/names';
import type { Op } from '../../graph/ops/attrs';
import { inferOp } from '../../graph/ops/infer';
import { carriedOf, whyOpaque, type CarriedOperator } from './carried';
import { BUILTIN_READERS, type BuiltinReader } from './ops/table';
import { UnsupportedFeature, type FileOp, type ReadState } from './source-op';

/** Sizes that the file leaves open, besides the batch, are those it declares beside them: runtimes allocate these. */
export function readInputs({ tensors, written, fileName }: ReadState, indices: Iterable<number>): Tensor[] {
  return Array.from(indices, (index) => {
    const tensor = tensors.pinned(index);
    if (tensor.data)
      throw new RangefinderError({
        code: 'unsupported-feature',
        message: `The input "${tensor.id}" is a constant.`,
        where: fileName,
        hint: 'Export the model again.',
      });
    written.add(index);
    return tensor.shape.includes(0) && !tensor.carried ? tensors.carry(index, tensor, 'which is empty') : tensor;
  });
}

/** The ops, and the tensors they use by id. Operators that are not modelled become opaque ops. */
export function readOps(state: ReadState, fileOps: readonly FileOp[]): { ops: Op[]; used: Map<TensorId, Tensor> } {
  const reading = new Reading(state);
  for (const fileOp of fileOps) reading.read(fileOp);
  return { ops: reading.ops, used: reading.used.byId };
}

class Reading {
  readonly ops: Op[] = [];
  readonly used = new UsedTensors();
  private readonly names = new UniqueNames();
  /** Operators whose output was worked out from shapes, in case somebody needs it in person. */
  private readonly evaluated = new Map<number, FileOp>();

  constructor(private readonly state: ReadState) {}

  read(fileOp: FileOp): void {
    const value = fileOp.value();
    if (value) {
      this.state.shapeValues.set(fileOp.output(0), value);
      this.evaluated.set(fileOp.output(0), fileOp);
    } else if (!foldDequantize(this.state, fileOp)) this.add(fileOp);
  }

  private add(fileOp: FileOp): void {
    const { tensors, symbolicBatch } = this.state;
    const reader = BUILTIN_READERS.get(fileOp.builtin);
    const passedOn = Array.from(fileOp.outputs, (index) => tensors.get(index)).find(carriedOf);
    if (!reader) this.carry(fileOp, whyOpaque(fileOp.builtin));
    else if (passedOn) this.carry(fileOp, `it computes "${passedOn.id}", ${carriedOf(passedOn)!.reason}`);
    else
      try {
        this.model(fileOp, reader);
      } catch (thrown) {
        // With the batch fixed there may be nothing left that is not modelled.
        if (symbolicBatch || !(thrown instanceof UnsupportedFeature)) throw thrown;
        this.carry(fileOp, `it uses ${thrown.feature}`);
      }
  }

  private model(fileOp: FileOp, reader: BuiltinReader): void {
    const { tensors } = this.state;
    const { attrs, inputs, activation = 'none' } = reader.read(fileOp);
    const outputs = Array.from(fileOp.outputs, (index) => tensors.get(index));
    const draft = {
      ...this.named(fileOp, outputs),
      kind: reader.kind,
      attrs,
      inputs: inputs.map((tensor) => tensor && this.used.add(tensor)),
      outputs: outputs.map(({ id }) => id),
      activation,
    } as Op;
    const { op, shapes } = inferOp(draft, (id) => this.used.byId.get(id)!);
    shapes.forEach((shape, i) => {
      const index = fileOp.output(i);
      agree(fileOp, tensors.declaredShape(index), shape);
      this.write(index, { ...outputs[i]!, shape });
    });
    this.ops.push(op);
  }

  /** Passes an operator on as it is. What it writes in a shape that is not known can only be passed on, too. */
  private carry(fileOp: FileOp, reason: string): void {
    const { tensors } = this.state;
    if (fileOp.row.builtinOptionsType !== 0 && !fileOp.row.builtinOptions && !fileOp.row.builtinOptions2)
      throw fileOp.unsupported(`options of a kind (${fileOp.row.builtinOptionsType}) that is newer than Rangefinder`);
    const inputs = Array.from(fileOp.inputs, (index) =>
      index === -1 ? null : this.used.add(this.need(fileOp, index)),
    );
    const outputs = Array.from(fileOp.outputs, (index) => {
      const tensor = tensors.get(index);
      return tensor.carried || tensors.hasKnownShape(index)
        ? tensor
        : tensors.carry(index, tensor, 'whose shape is known at run time only');
    });
    const payload: CarriedOperator = {
      code: fileOp.code,
      row: fileOp.row,
      intermediates: Array.from(fileOp.row.intermediates ?? [], (index) => tensors.internal(index)),
    };
    const shapes = outputs.map(({ shape }) => shape);
    this.ops.push({
      ...this.named(fileOp, outputs),
      kind: 'opaque',
      attrs: { operator: fileOp.builtin, reason, shapes, payload },
      inputs,
      outputs: outputs.map(({ id }) => id),
      activation: 'none',
    });
    outputs.forEach((tensor, i) => this.write(fileOp.output(i), tensor));
  }

  /** A tensor in person: as the file stores it, or worked out from shapes, or by the operator that computes it. */
  private need(fileOp: FileOp, index: number): Tensor {
    const { tensors, written, shapeValues } = this.state;
    const tensor = tensors.get(index);
    if (tensor.data || tensor.carried || written.has(index)) return tensor;
    const value = shapeValues.get(index);
    if (!value) throw fileOp.corrupt(`reads "${tensor.id}" before anything wrote it`);
    const constant = tensors.fromShapeValue(index, value);
    if (constant) return constant;
    this.carry(this.evaluated.get(index)!, 'its value depends on the batch');
    return tensors.get(index);
  }

  private write(index: number, tensor: Tensor): void {
    this.state.tensors.set(index, tensor);
    this.state.written.add(index);
    this.used.add(tensor);
  }

  private named(fileOp: FileOp, [first]: readonly Tensor[]): { id: string; sourceName: string } {
    const sourceName = first ? first.id.split(';')[0]! : `${fileOp.builtin.toLowerCase()}_${fileOp.index}`;
    return { id: this.names.take(sourceName), sourceName };
  }
}

/** DEQUANTIZE of a constant: its readers get the float32 constant instead. */
function foldDequantize({ tensors, written }: ReadState, fileOp: FileOp): boolean {
  const [input] = fileOp.inputs;
  if (fileOp.builtin !== 'DEQUANTIZE' || input === undefined || !tensors.get(input).data) return false;
  const constant = tensors.asFloat(input);
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
