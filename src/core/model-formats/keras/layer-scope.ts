import { lookup } from '../../../base/lookup';
import { RangefinderError } from '../../../base/errors';
import type { GraphBuilder } from '../../graph/build';
import { BATCH, elementCount, type CarriedState, type TensorId } from '../../graph/graph';
import type { OpAttrs, OpKind } from '../../graph/ops/attrs';
import type { LayerConfig } from './config';
import type { Dialect, LayerCall } from './layers/layer';
import { EXPORT_HINT } from './layers/problems';
import { LAYERS } from './layers/table';
import { matchWeights, type NamedArray, type WeightSource } from './weights';

/** One layer of the file: its weights, read once, and the means to add its ops to the Graph. */
export class LayerScope {
  private readonly arrays: ReadonlyMap<string, NamedArray>;
  private readonly constants = new Map<string, TensorId>();
  private readonly name: string;

  constructor(
    private readonly builder: GraphBuilder,
    private readonly layer: LayerConfig,
    path: readonly string[],
    weights: WeightSource,
    private readonly dialect: Dialect,
    private readonly note: (text: string) => void,
    private readonly states: CarriedState[],
  ) {
    this.name = path.join('/');
    const expected = lookup(LAYERS, layer.className)!.weights?.(layer.settings) ?? [];
    this.arrays = expected.length ? matchWeights(this.name, expected, weights.layer(path)) : new Map();
  }

  call(inputs: readonly TensorId[], keywords: LayerCall['keywords'], options: LayerCall['options']): LayerCall {
    const { builder, layer, name, dialect, constants } = this;
    const { settings, className } = layer;
    let ops = 0;
    const once = (id: string, make: () => TensorId): TensorId => {
      const made = constants.get(id) ?? make();
      constants.set(id, made);
      return made;
    };
    const add = <K extends OpKind>(
      kind: K,
      from: readonly (TensorId | null)[],
      attrs: OpAttrs[K],
      outputs?: readonly string[],
    ) => {
      const id = ops++ === 0 ? name : `${name}/${kind}`;
      return builder.op(kind, id, from, attrs, { ...(outputs && { outputs }), sourceName: name });
    };
    const refuse = (reason: string): never => {
      throw new RangefinderError({
        code: 'unsupported-op',
        message: `Layer "${name}" (${className}) cannot be modelled: ${reason}.`,
        where: name,
        hint: EXPORT_HINT,
        details: [`${name} (${className}): ${reason}`],
      });
    };
    return {
      name,
      className,
      settings,
      dialect,
      inputs,
      keywords,
      options,
      get input() {
        return inputs.length === 1 ? inputs[0] : refuse(`${inputs.length} inputs instead of one`);
      },
      shape: (tensor) => builder.shape(tensor),
      op: (kind, from, attrs) => add(kind, from, attrs, [`${name}/${kind}`])[0],
      ops: (kind, from, attrs) => add(kind, from, attrs),
      rounded: (x, quant) => {
        const [codes] = builder.op('quantize', `${name}/quantize`, [x], {}, { dtype: 'int8', quant, sourceName: name });
        return builder.op('dequantize', `${name}/dequantize`, [codes], {}, { sourceName: name })[0];
      },
      weight: (weight, shape, lay = (as) => as, part = '') =>
        once([weight, part].filter(Boolean).join('/'), () => {
          const laid = lay({ data: this.read(weight, shape), shape: this.array(weight).shape });
          const id = [name, weight.replace(/\|[^/]*/, ''), part].filter(Boolean).join('/');
          return builder.constant(id, laid.data, laid.shape);
        }),
      values: (weight, shape) => this.read(weight, shape ?? null),
      made: (id, values, shape) => once(id, () => builder.constant(`${name}/${id}`, values, shape)),
      constant: (values, shape = [values.length]) =>
        once(`[${shape.join()}] ${values.join()}`, () =>
          builder.constant(`${name}/constant`, Float32Array.from(values), shape),
        ),
      state: (state, units) => {
        const input = builder.input(`${name}_${state}_in`, [BATCH, units]);
        return { input, keep: (output) => void this.states.push({ input, output }) };
      },
      note: this.note,
      refuse,
    };
  }

  private array(weight: string): NamedArray {
    const array = this.arrays.get(weight);
    if (!array) throw new Error(`translator of "${this.layer.className}" does not declare weight "${weight}"`);
    return array;
  }

  private read(weight: string, expected: readonly (number | null)[] | null): Float32Array {
    const array = this.array(weight);
    const { shape } = array;
    const fits =
      !expected || (shape.length === expected.length && expected.every((d, i) => d === null || d === shape[i]));
    if (!fits)
      throw this.disagree(
        `${array.name} is [${shape.join(', ')}], expected [${expected.map((d) => d ?? '?').join(', ')}]`,
      );
    const data = array.read();
    if (data.length !== elementCount(shape))
      throw this.disagree(`${array.name} holds ${data.length} values for [${shape.join(', ')}]`);
    return data;
  }

  private disagree(what: string): RangefinderError {
    return new RangefinderError({
      code: 'corrupt-file',
      message: `The weights of layer "${this.name}" do not fit its settings: ${what}.`,
      where: this.name,
      hint: 'Save architecture and weights together again, from the same model.',
    });
  }
}
