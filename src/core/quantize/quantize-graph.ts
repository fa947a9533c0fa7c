/**
 * Applies a plan: the float graph becomes an integer one. Every activation has one primary form, which keeps its name
 * (that of the graph's inputs and outputs is prescribed; otherwise the form its op produces); other forms are made on
 * demand by one quantize or dequantize op and shared by all who read them. An op works in the integers of what it writes.
 */
import { lookup } from '../../base/lookup';
import { RangefinderError } from '../../base/errors';
import { tensorOf, type Graph, type QuantParams, type Tensor, type TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { definitionOf } from '../graph/ops/table';
import { chooseQuantParams, representableRange } from '../numerics/affine';
import { INT16_ACTIVATION, INT8_ACTIVATION, type IntFormat } from '../number-formats/format';
import { checkStorable, isPacked, storedActivationType, storedWeightFormat } from './format-choice';
import type { QuantPlan } from './plan';
import { paramsOfConstant, quantizeBias, quantizeConstant } from './quantize-constants';
import type { QuantSettings } from './settings';
import { isReal, isWhole } from './whole-numbers';

/**
 * @param graph normalized: no batch norm, no identity, float32 activations.
 * @param plan of this graph; parameters of every activation that an integer op touches, and of every weight.
 * @throws RangefinderError 'invalid-settings' where the plan does not cover the graph, 'unsupported-feature' where it asks
 *   for formats that the file does not have.
 */
export function quantizeGraph(graph: Graph, plan: QuantPlan, settings: QuantSettings): Graph {
  checkStorable(plan);
  return new Quantizer(graph, plan, settings).run();
}

/** How a tensor of real numbers stands in the file. */
type Form = 'int8' | 'int16' | 'uint8' | 'float32';
type IntegerForm = 'int8' | 'int16';

const FORMS: readonly Form[] = ['int8', 'int16', 'uint8', 'float32'];
const FORMATS: Readonly<Record<IntegerForm, IntFormat>> = { int8: INT8_ACTIVATION, int16: INT16_ACTIVATION };

class Quantizer {
  private readonly tensors = new Map<TensorId, Tensor>();
  private readonly ops: Op[] = [];
  /** "form of source tensor" → tensor that holds it. */
  private readonly made = new Map<string, TensorId>();
  private readonly primary = new Map<TensorId, Form>();
  private readonly keptFloat: ReadonlySet<string>;
  private readonly opIds: Set<string>;

  constructor(
    private readonly graph: Graph,
    private readonly plan: QuantPlan,
    settings: QuantSettings,
  ) {
    this.opIds = new Set(graph.ops.map((op) => op.id));
    this.keptFloat = new Set(
      graph.ops
        .filter((op) => definitionOf(op).quant.kind === 'float-only' || isWhole(graph, op))
        .map((op) => op.id)
        .concat(plan.keptFloat.map(({ op }) => op)),
    );
    for (const op of graph.ops)
      for (const id of op.outputs) this.primary.set(id, this.keptFloat.has(op.id) ? 'float32' : this.integerForm(id));
    for (const id of [...graph.inputs, ...graph.outputs]) {
      const type = lookup(settings.ioTensors ?? {}, id) ?? settings.io;
      this.primary.set(id, type === 'int8' ? this.integerForm(id) : type);
    }
  }

  run(): Graph {
    for (const id of this.graph.inputs) this.place(id, this.formOf(id));
    for (const op of this.graph.ops) {
      if (this.keptFloat.has(op.id)) this.keepFloat(op);
      else this.quantize(op);
    }
    for (const id of this.graph.outputs) this.use(id, this.formOf(id));
    return { ...this.graph, tensors: this.tensors, ops: this.ops };
  }

  // ---- ops ----------------------------------------------------------------------------------------------------------

  private keepFloat(op: Op): void {
    const inputs = op.inputs.map((id) => {
      if (id === null) return null;
      return this.isConstant(id) ? this.constant('float32', tensorOf(this.graph, id)) : this.use(id, 'float32');
    });
    this.emit({ ...op, inputs, outputs: op.outputs.map((id) => this.place(id, 'float32')) });
  }

  private quantize(op: Op): void {
    const rule = definitionOf(op).quant;
    switch (rule.kind) {
      case 'weighted':
        return this.quantizeWeighted(op, rule.weightInput, rule.biasInput);
      case 'recurrent':
        return this.quantizeRecurrent(op, rule.weightInputs, rule.biasInputs);
      case 'same-scale':
        return this.quantizeSameScale(op);
      case 'fixed-output':
      case 'free': {
        const form = this.formOfOp(op);
        const inputs = op.inputs.map((id) => id && (this.isConstant(id) ? this.operand(id, form) : this.use(id, form)));
        this.emit({ ...op, inputs, outputs: op.outputs.map((id) => this.place(id, form)) });
        return;
      }
      case 'float-only':
      case 'not-applicable':
        throw new RangefinderError({
          code: 'invalid-graph',
          message: `A ${op.kind} cannot be part of an integer graph.`,
          where: op.id,
          hint: 'The graph was not normalized before it was quantized.',
        });
    }
  }

  private quantizeWeighted(op: Op, weightInput: number, biasInput: number): void {
    const weightId = op.inputs[weightInput]!;
    const weights = lookup(this.plan.weights, weightId);
    if (!this.isConstant(weightId) || !weights) throw this.uncovered(weightId);
    const inputId = op.inputs.find((_, i) => i !== weightInput && i !== biasInput)!;
    const inputs = [...op.inputs];
    const form = this.formOfOp(op);
    inputs[op.inputs.indexOf(inputId)] = this.use(inputId, form);
    const format = storedWeightFormat(weights)!;
    const dtype = isPacked(weights, op.kind) && (form === 'int8' || op.kind === 'fullyConnected') ? 'int4' : 'int8';
    const quantized = quantizeConstant(tensorOf(this.graph, weightId), weights.params, format, { dtype });
    inputs[weightInput] = this.constant('int8', quantized);
    const biasId = op.inputs[biasInput] ?? null;
    const source = biasId === null ? null : tensorOf(this.graph, biasId);
    const channels = source?.shape[0] ?? tensorOf(this.graph, op.outputs[0]).shape.at(-1)!;
    const scale = this.paramsOf(inputId, form).scale[0];
    // A bias shared by two ops has two scales, so the second one needs a tensor of its own.
    const name = biasId !== null && !this.tensors.has(biasId) ? biasId : this.fresh(biasId ?? `${op.id}/bias`);
    const width = form === 'int16' ? 'int64' : 'int32';
    inputs[biasInput] = this.add(quantizeBias(name, source, channels, scale, weights.params, width));
    this.emit({ ...op, inputs, outputs: op.outputs.map((id) => this.place(id, form)) });
  }

  private quantizeRecurrent(op: Op, weightInputs: readonly number[], biasInputs: readonly number[]): void {
    const inputs = [...op.inputs];
    const [x] = op.inputs as [TensorId];
    inputs[0] = this.use(x, 'int8');
    const scale = this.paramsOf(x, 'int8').scale[0];
    weightInputs.forEach((index, i) => {
      const id = op.inputs[index]!;
      const weights = lookup(this.plan.weights, id);
      if (!weights) throw this.uncovered(id);
      inputs[index] = this.constant(
        'int8',
        quantizeConstant(tensorOf(this.graph, id), weights.params, storedWeightFormat(weights)!),
      );
      const biasInput = biasInputs[i];
      if (biasInput === undefined) return;
      const bias = tensorOf(this.graph, op.inputs[biasInput]!);
      const name = this.tensors.has(bias.id) ? this.fresh(bias.id) : bias.id;
      inputs[biasInput] = this.add(quantizeBias(name, bias, bias.shape[0], scale, weights.params));
    });
    const [output, cell] = op.outputs as [TensorId, TensorId];
    this.emit({ ...op, inputs, outputs: [this.place(output, 'int8'), this.place(cell, 'int16')] });
  }

  /**
   * An op of one input works at its scale, and outputs of another are requantized after. Where several meet, inputs at
   * another scale than the first output's are requantized before.
   */
  private quantizeSameScale(op: Op): void {
    const [first, ...others] = new Set(op.inputs.filter((id): id is TensorId => id !== null && this.isReal(id)));
    const form = this.formOfOp(op);
    const params = this.paramsOf(others.length === 0 && !this.isConstant(first) ? first : op.outputs[0], form);
    const inputs = op.inputs.map((id) => {
      if (id === null) return null;
      if (!this.isReal(id)) return this.use(id, form);
      if (this.isConstant(id)) return this.operand(id, form, params);
      if (sameParams(this.paramsOf(id, form), params)) return this.use(id, form);
      const from = this.use(id, this.integerForm(id));
      return this.requantize(from, form, params, `${id}_for_${op.id}`);
    });
    const late: (() => void)[] = [];
    const outputs = op.outputs.map((id) => {
      if (!this.isReal(id) || sameParams(this.paramsOf(id, form), params)) return this.place(id, form);
      const shape = tensorOf(this.graph, id).shape;
      const before = this.add({ id: this.fresh(`${id}_before`), dtype: form, shape, quant: params });
      late.push(() => this.convert('quantize', before, this.place(id, form)));
      return before;
    });
    this.emit({ ...op, inputs, outputs });
    for (const emit of late) emit();
  }

  // ---- tensors ------------------------------------------------------------------------------------------------------

  private formOf(id: TensorId): Form {
    return this.primary.get(id) ?? 'float32';
  }

  /** The integers that the plan gives an activation. */
  private integerForm(id: TensorId): IntegerForm {
    const planned = lookup(this.plan.activations, id);
    return (planned && storedActivationType(planned)) ?? 'int8';
  }

  /** The integers an op works in: those of what it writes, or where that is no real number, of what it reads. */
  private formOfOp({ inputs, outputs }: Op): IntegerForm {
    const real = [...outputs, ...inputs].find((id) => id !== null && this.isReal(id) && !this.isConstant(id));
    return real ? this.integerForm(real) : 'int8';
  }

  /** The tensor that holds this form; made from another form by one op, the first time it is asked for. */
  private use(id: TensorId, form: Form): TensorId {
    if (!this.isReal(id)) return this.add(tensorOf(this.graph, id)); // indices: neither real nor quantized
    const existing = this.made.get(`${form} ${id}`);
    if (existing !== undefined) return existing;
    const source = [this.integerForm(id), ...FORMS].find((other) => this.made.has(`${other} ${id}`));
    if (source === undefined) throw new Error(`"${id}" is read before it is written`); // graphs are in order
    // What a dequantized tensor is made from has the plan's own integers where there are any.
    const from = this.made.get(`${source} ${id}`)!;
    return this.convert(form === 'float32' ? 'dequantize' : 'quantize', from, this.place(id, form));
  }

  /** Adds the tensor for one form of an activation. */
  private place(id: TensorId, form: Form): TensorId {
    if (!this.isReal(id)) return this.add(tensorOf(this.graph, id));
    const name = this.formOf(id) === form ? id : this.fresh(`${id}_${form === 'float32' ? 'float' : form}`);
    const { shape } = tensorOf(this.graph, id);
    this.made.set(`${form} ${id}`, name);
    return this.add(
      form === 'float32'
        ? { id: name, dtype: 'float32', shape }
        : { id: name, dtype: form, shape, quant: this.paramsOf(id, form) },
    );
  }

  /** One form of a constant, made once for all who read it; the form that is made first has the constant's name. */
  private constant(form: Form, tensor: Tensor): TensorId {
    const key = `${form} ${tensor.id}`;
    const id = this.made.get(key) ?? (this.tensors.has(tensor.id) ? this.fresh(tensor.id) : tensor.id);
    this.made.set(key, id);
    return this.add({ ...tensor, id });
  }

  private operand(id: TensorId, form: IntegerForm, params?: QuantParams): TensorId {
    const tensor = tensorOf(this.graph, id);
    if (!this.isReal(id)) return this.add(tensor);
    const planned = lookup(this.plan.activations, id) ?? lookup(this.plan.weights, id);
    const fits = planned && this.integerForm(id) === form;
    const quant = params ?? (fits ? planned.params : paramsOfConstant(tensor, FORMATS[form]));
    const existing = this.tensors.get(id);
    if (existing?.quant && existing.dtype === form && sameParams(existing.quant, quant)) return id;
    const name = existing ? this.fresh(id) : id;
    return this.add(quantizeConstant(tensor, quant, FORMATS[form], { id: name, dtype: form }));
  }

  private requantize(from: TensorId, dtype: IntegerForm, params: QuantParams, name: string): TensorId {
    const { shape } = this.tensors.get(from)!;
    return this.convert('quantize', from, this.add({ id: this.fresh(name), dtype, shape, quant: params }));
  }

  private convert(kind: 'quantize' | 'dequantize', from: TensorId, to: TensorId): TensorId {
    const id = this.freshOp(`${to}/${kind}`);
    this.emit({ id, kind, attrs: {}, inputs: [from], outputs: [to], activation: 'none', sourceName: id });
    return to;
  }

  /** Parameters of an activation's form: the plan's, or of other integers those that reach as far. */
  private paramsOf(id: TensorId, form: Exclude<Form, 'float32'>): QuantParams {
    const planned = lookup(this.plan.activations, id);
    if (!planned) throw this.uncovered(id);
    const own = this.integerForm(id);
    if (form === own) return planned.params;
    const { params } = planned;
    if (form === 'uint8' && own === 'int8') return { ...params, zeroPoint: params.zeroPoint.map((zero) => zero + 128) };
    const reach = representableRange({ scale: params.scale[0], zeroPoint: params.zeroPoint[0] }, FORMATS[own]);
    const format = FORMATS[form === 'int16' ? 'int16' : 'int8'];
    const { scale, zeroPoint } = chooseQuantParams(own === 'int16' ? planned.range : reach, format);
    const shift = form === 'uint8' ? 128 : 0;
    return { scale: Float32Array.of(scale), zeroPoint: Int32Array.of(zeroPoint + shift), quantizedDimension: 0 };
  }

  private isReal(id: TensorId): boolean {
    return isReal(this.graph, id);
  }

  private isConstant(id: TensorId): boolean {
    return tensorOf(this.graph, id).data !== undefined;
  }

  private add(tensor: Tensor): TensorId {
    this.tensors.set(tensor.id, tensor);
    return tensor.id;
  }

  private emit(op: Op): void {
    const scale = this.tensors.get(op.outputs[0])?.quant?.scale[0];
    this.ops.push(scale === undefined ? op : withinInt32(op, scale));
  }

  /** A tensor name that neither graph has. */
  private fresh(name: string): TensorId {
    let unique = name;
    for (let i = 1; this.tensors.has(unique) || this.graph.tensors.has(unique); i++) unique = `${name}_${i}`;
    return unique;
  }

  private freshOp(name: string): string {
    let unique = name;
    for (let i = 1; this.opIds.has(unique); i++) unique = `${name}_${i}`;
    this.opIds.add(unique);
    return unique;
  }

  private uncovered(id: TensorId): RangefinderError {
    return new RangefinderError({
      code: 'invalid-settings',
      message: `The plan has no scale for "${id}".`,
      where: id,
      hint: 'Calibrate again: the model changed since the ranges were measured.',
    });
  }
}

/**
 * LiteRT's kernels refuse to prepare where the code of an activation's bound would leave int32. At such a scale no code comes
 * near the bound, so that the activation may do without it.
 */
function withinInt32(op: Op, scale: number): Op {
  if (op.activation === 'relu6' && 6 / scale >= 2 ** 31) return { ...op, activation: 'relu' };
  if (op.activation === 'reluN1To1' && 1 / scale >= 2 ** 31) return { ...op, activation: 'none' };
  return op.kind === 'relu6' && 6 / scale >= 2 ** 31 ? { ...op, kind: 'relu' } : op;
}

function sameParams(a: QuantParams, b: QuantParams): boolean {
  const equal = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    x.length === y.length && Array.from(x).every((value, i) => value === y[i]);
  return equal(a.scale, b.scale) && equal(a.zeroPoint, b.zeroPoint);
}
