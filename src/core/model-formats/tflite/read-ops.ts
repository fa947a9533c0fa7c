/** Operators of a subgraph, in file order, as ops of the Graph with inferred shapes. */
import { RangefinderError } from '../../../base/errors';
import { BATCH, type Shape, type Tensor, type TensorId } from '../../graph/graph';
import { checkLimits } from '../../graph/limits';
import { UniqueNames } from '../../graph/names';
import type { Op, OpAttrs, OpKind } from '../../graph/ops/attrs';
import { inferOp } from '../../graph/ops/infer';
import type { OpSink } from '../../graph/unroll';
import type { OpenSizes } from '../open-sizes';
import { carriedOf, whyOpaque, type CarriedOperator } from './carried';
import { EXPANSIONS, type Expansion } from './ops/recurrent';
import { BUILTIN_READERS, type BuiltinReader } from './ops/table';
import type { TensorReader } from './read-tensors';
import { UnsupportedFeature, type FileOp, type ReadState } from './source-op';

/** @throws RangefinderError 'unsupported-feature' where sizes are open that were not given */
export function readInputs(
  { tensors, written, fileName }: ReadState,
  indices: Iterable<number>,
  sizes: OpenSizes,
): Tensor[] {
  const inputs = Array.from(indices, (index) => {
    const known = tensors.pinned(index, sizes);
    const tensor = tensors.isSparse(index) ? tensors.carry(index, known, 'stored sparse') : known;
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
  sizes.check(fileName);
  return inputs;
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
    } else if (!foldDequantize(this.state, fileOp) && !foldDensify(this.state, fileOp)) this.add(fileOp);
  }

  private add(fileOp: FileOp): void {
    const { tensors, symbolicBatch } = this.state;
    const reader = BUILTIN_READERS.get(fileOp.builtin);
    const expansion = EXPANSIONS.get(fileOp.builtin);
    const passedOn = Array.from(fileOp.outputs, (index) => tensors.get(index)).find(carriedOf);
    if (!reader && !expansion) this.carry(fileOp, whyOpaque(fileOp.builtin));
    else if (passedOn) this.carry(fileOp, `it computes "${passedOn.id}", ${carriedOf(passedOn)!.reason}`);
    else
      try {
        this.modelOrExpand(fileOp, reader, expansion);
      } catch (thrown) {
        // With the batch fixed there may be nothing left that is not modelled.
        if (symbolicBatch || !(thrown instanceof UnsupportedFeature)) throw thrown;
        this.carry(fileOp, `it uses ${thrown.feature}`);
      }
  }

  /** What there is one op for in most of its uses becomes several in the others. */
  private modelOrExpand(fileOp: FileOp, reader: BuiltinReader | undefined, expansion: Expansion | undefined): void {
    if (!reader) return this.expand(fileOp, expansion!);
    try {
      this.model(fileOp, reader);
    } catch (thrown) {
      if (!expansion || !(thrown instanceof UnsupportedFeature)) throw thrown;
      this.expand(fileOp, expansion);
    }
  }

  private model(fileOp: FileOp, reader: BuiltinReader): void {
    const { tensors } = this.state;
    const { attrs, inputs, activation = 'none', unlisted = [] } = reader.read(fileOp);
    const listed = Array.from(fileOp.outputs, (index) => tensors.get(index));
    const named = this.named(fileOp, listed);
    const others = unlisted.map(({ name, ...rest }): Tensor => ({
      ...rest,
      id: tensors.fresh(`${named.sourceName}/${name}`),
      shape: [],
    }));
    const outputs = [...listed, ...others];
    const draft = {
      ...named,
      kind: reader.kind,
      attrs,
      inputs: inputs.map((tensor) => tensor && this.used.add(tensor)),
      outputs: outputs.map(({ id }) => id),
      activation,
    } as Op;
    const { op, shapes } = inferOp(draft, (id) => this.used.byId.get(id)!);
    shapes.forEach((shape, i) => {
      const index = fileOp.outputs[i];
      if (index === undefined) return void this.used.add({ ...outputs[i], shape });
      agree(fileOp, tensors.promisedShape(index), shape);
      this.write(index, { ...outputs[i], shape });
    });
    this.ops.push(op);
  }

  /** An operator that becomes several ops; the last ones write its outputs. */
  private expand(fileOp: FileOp, expansion: Expansion): void {
    const { tensors } = this.state;
    const outputs = Array.from(fileOp.outputs, (index) => tensors.get(index));
    const { sourceName } = this.named(fileOp, outputs);
    const sink = new Expanding(sourceName, this.names, tensors, this.used);
    const results = expansion(fileOp, sink, (input) => this.used.add(fileOp.input(input)));
    const renamed = new Map(results.map((id, i) => [id, outputs[i].id]));
    const name = (id: TensorId) => renamed.get(id) ?? id;
    for (const op of sink.made)
      this.ops.push({ ...op, inputs: op.inputs.map((id) => id && name(id)), outputs: op.outputs.map(name) });
    results.forEach((id, i) => {
      const { shape } = this.used.byId.get(id)!;
      agree(fileOp, tensors.promisedShape(fileOp.output(i)), shape);
      this.used.byId.delete(id);
      this.write(fileOp.output(i), { ...outputs[i], shape });
    });
    this.state.unrolled.add(sourceName);
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
    const sourceName = first ? first.id.split(';')[0] : `${fileOp.builtin.toLowerCase()}_${fileOp.index}`;
    return { id: this.names.take(sourceName), sourceName };
  }
}

/** Collects the ops of one operator; tensors in between are named after it. */
class Expanding implements OpSink {
  readonly made: Op[] = [];
  private readonly constants = new Map<string, TensorId>();

  constructor(
    private readonly name: string,
    private readonly names: UniqueNames,
    private readonly tensors: TensorReader,
    private readonly used: UsedTensors,
  ) {}

  op<K extends OpKind>(kind: K, inputs: readonly (TensorId | null)[], attrs: OpAttrs[K]): TensorId {
    return this.add(kind, inputs, attrs, 1)[0];
  }

  ops<K extends OpKind>(kind: K, inputs: readonly (TensorId | null)[], attrs: OpAttrs[K]): readonly TensorId[] {
    const { sizes, axis } = attrs as { sizes?: readonly number[]; axis: number };
    return this.add(kind, inputs, attrs, sizes?.length ?? this.shape(inputs[0]!)[axis]);
  }

  constant(name: string, values: Float32Array, shape: Shape): TensorId {
    let id = this.constants.get(name);
    if (id === undefined) {
      id = this.tensors.fresh(`${this.name}/${name}`);
      this.used.add({ id, dtype: 'float32', shape, data: values });
      this.constants.set(name, id);
    }
    return id;
  }

  shape(tensor: TensorId): Shape {
    return this.used.byId.get(tensor)!.shape;
  }

  private add<K extends OpKind>(
    kind: K,
    inputs: readonly (TensorId | null)[],
    attrs: OpAttrs[K],
    count: number,
  ): TensorId[] {
    const name = `${this.name}/${kind}`;
    checkLimits(this.used.byId.size, count, name);
    const outputs = Array.from({ length: count }, () => this.tensors.fresh(name));
    const draft = {
      id: this.names.take(name),
      kind,
      attrs,
      inputs,
      outputs,
      activation: 'none',
      sourceName: this.name,
    };
    const { op, shapes } = inferOp(draft as unknown as Op, (id) => this.used.byId.get(id)!);
    shapes.forEach((shape, i) => this.used.add({ id: outputs[i], dtype: 'float32', shape }));
    this.made.push(op);
    return outputs;
  }
}

/** DEQUANTIZE of a constant: its readers get the float32 constant instead. */
function foldDequantize({ tensors, written }: ReadState, fileOp: FileOp): boolean {
  const [input] = fileOp.inputs;
  if (fileOp.builtin !== 'DEQUANTIZE' || input === undefined || !tensors.get(input).data) return false;
  const constant = tensors.asFloat(input);
  const output = fileOp.output(0);
  if (written.has(output)) throw fileOp.corrupt(`writes "${tensors.name(output)}", which exists already`);
  agree(fileOp, tensors.promisedShape(output), constant.shape);
  tensors.set(output, constant);
  return true;
}

/** DENSIFY of a constant, which was read dense: its readers get that one. */
function foldDensify({ tensors, written }: ReadState, fileOp: FileOp): boolean {
  const [input] = fileOp.inputs;
  if (fileOp.builtin !== 'DENSIFY' || input === undefined || !tensors.get(input).data) return false;
  const output = fileOp.output(0);
  if (written.has(output)) throw fileOp.corrupt(`writes "${tensors.name(output)}", which exists already`);
  const constant = tensors.get(input);
  agree(fileOp, tensors.promisedShape(output), constant.shape);
  tensors.set(output, constant);
  return true;
}

/** The file's own shapes must be those its operators compute; -1 is open, and a first 1 beside an open size is no promise. */
function agree(fileOp: FileOp, declared: Shape | null, inferred: Shape): void {
  if (!declared) return;
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
