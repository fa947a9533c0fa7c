/**
 * Operators that compute on integers, spelled out: their inputs dequantized, the float operator, its result quantized.
 * What the file computes is the same but for one rounding, and everything that is known of the float operators holds.
 * Sources: the ONNX operator specifications and onnxruntime's docs/ContribOperators.md.
 */
import { NO_ATTRIBUTE } from './proto/no-attribute';
import type { Message } from './proto/schema';

type Node = Message<'NodeProto'>;
type Attribute = Message<'AttributeProto'>;

/** onnxruntime's own operators, and those of the default domain that it had before ONNX did. */
const CONTRIB = 'com.microsoft';

/** Builds the nodes that stand for one; names in between are made of its first output's. */
class Spelling {
  readonly nodes: Node[] = [];

  constructor(readonly node: Node) {}

  input(index: number): string {
    return this.node.input[index] ?? '';
  }

  /** Adds a node; without `output` it writes a new name. */
  add(opType: string, input: readonly string[], attribute: readonly Attribute[] = [], output?: string): string {
    const { node } = this;
    const written = output ?? `${node.output[0]}/${opType}_${this.nodes.length}`;
    const name = output === undefined ? written : node.name;
    this.nodes.push({ opType, input: trimmed(input), output: [written], name, attribute, domain: undefined });
    return written;
  }

  /** The real values of a quantized input, which the inputs from `at` on are: codes, scale, zero point. */
  real(at: number, axis?: number): string {
    return this.dequantized(
      [0, 1, 2].map((i) => this.input(at + i)),
      axis,
    );
  }

  dequantized(inputs: readonly string[], axis = 1): string {
    return this.add('DequantizeLinear', inputs, [integer('axis', axis)]);
  }

  /** A number as a tensor without dimensions. */
  constant(value: number): string {
    return this.add('Constant', [], [{ ...NO_ATTRIBUTE, name: 'value_float', f: value }]);
  }

  /** The last node: writes the output, quantized where the file says to what. */
  result(
    opType: string,
    input: readonly string[],
    attribute: readonly Attribute[],
    scale = '',
    zeroPoint = '',
  ): Node[] {
    const [output] = this.node.output;
    if (scale === '') this.add(opType, input, attribute, output);
    else this.add('QuantizeLinear', [this.add(opType, input, attribute), scale, zeroPoint], [], output);
    return this.nodes;
  }
}

const integer = (name: string, i: number): Attribute => ({ ...NO_ATTRIBUTE, name, i });

function trimmed(inputs: readonly string[]): string[] {
  const last = inputs.findLastIndex((name) => name !== '');
  return inputs.slice(0, last + 1);
}

/** All attributes but some. */
const without = ({ attribute }: Node, ...names: readonly string[]) =>
  attribute.filter(({ name = '' }) => !names.includes(name));

const flag = ({ attribute }: Node, wanted: string) => attribute.find(({ name }) => name === wanted)?.i === 1;

type SpellOut = (spelling: Spelling) => readonly Node[];

/** Inputs x, its scale and zero point, the result's scale and zero point. */
const unary =
  (opType: string, ...dropped: readonly string[]): SpellOut =>
  (s) =>
    s.result(opType, [s.real(0)], without(s.node, ...dropped), s.input(3), s.input(4));

const binary =
  (opType: string): SpellOut =>
  (s) =>
    s.result(opType, [s.real(0), s.real(3)], [], s.input(6), s.input(7));

/** A bias of integers at the scale of the accumulator. */
function bias(s: Spelling, at: number, scales: readonly [string, string]): string {
  return s.input(at) === '' ? '' : s.dequantized([s.input(at), s.add('Mul', scales)], 0);
}

/**
 * The scale of a dynamically quantized tensor takes the value 1 and its zero point 0, and the tensor its real values: what
 * is multiplied by the scale later on is then the product of the real values.
 */
const dynamicQuantize: SpellOut = (s) => {
  const [y, scale, zeroPoint] = s.node.output;
  s.add('Identity', [s.input(0)], [], y);
  if (scale) s.add('Constant', [], [{ ...NO_ATTRIBUTE, name: 'value_float', f: 1 }], scale);
  if (zeroPoint) s.add('Constant', [], [{ ...NO_ATTRIBUTE, name: 'value_float', f: 0 }], zeroPoint);
  return s.nodes;
};

/** Codes less their zero point, as real numbers: dequantized at a scale of 1. */
const differences = (s: Spelling, at: number, zeroPointAt: number, axis: number) =>
  s.dequantized([s.input(at), s.constant(1), s.input(zeroPointAt)], axis);

function concat(s: Spelling): readonly Node[] {
  const parts = s.node.input.slice(2).flatMap((_, i) => (i % 3 === 0 ? [s.real(2 + i)] : []));
  return s.result('Concat', parts, s.node.attribute, s.input(0), s.input(1));
}

/** Operator → what it stands for. */
const SPELLINGS: Readonly<Record<string, SpellOut>> = {
  QLinearConv: (s) =>
    s.result(
      'Conv',
      [s.real(0), s.real(3, 0), bias(s, 8, [s.input(1), s.input(4)])],
      without(s.node, 'channels_last'),
      s.input(6),
      s.input(7),
    ),
  QLinearMatMul: (s) => s.result('MatMul', [s.real(0), s.real(3, -1)], [], s.input(6), s.input(7)),
  ConvInteger: (s) => s.result('Conv', [differences(s, 0, 2, 1), differences(s, 1, 3, 0)], s.node.attribute),
  MatMulInteger: (s) => s.result('MatMul', [differences(s, 0, 2, 1), differences(s, 1, 3, -1)], []),
  DynamicQuantizeLinear: dynamicQuantize,
};

/** The same of onnxruntime's own. */
const CONTRIB_SPELLINGS: Readonly<Record<string, SpellOut>> = {
  ...SPELLINGS,
  QGemm: (s) =>
    s.result(
      'Gemm',
      [s.real(0), s.real(3, flag(s.node, 'transB') ? 0 : 1), bias(s, 6, [s.input(1), s.input(4)])],
      s.node.attribute,
      s.input(7),
      s.input(8),
    ),
  QLinearAdd: binary('Add'),
  QLinearMul: binary('Mul'),
  QLinearSigmoid: unary('Sigmoid'),
  QLinearLeakyRelu: unary('LeakyRelu'),
  QLinearSoftmax: unary('Softmax', 'opset'),
  QLinearAveragePool: unary('AveragePool', 'channels_last'),
  QLinearGlobalAveragePool: unary('GlobalAveragePool', 'channels_last'),
  QLinearReduceMean: unary('ReduceMean'),
  QLinearConcat: concat,
  QLinearWhere: (s) => s.result('Where', [s.input(0), s.real(1), s.real(4)], [], s.input(7), s.input(8)),
  MatMulIntegerToFloat: (s) => {
    const factors = [
      s.dequantized([s.input(0), s.input(2), s.input(4)]),
      s.dequantized([s.input(1), s.input(3), s.input(5)], -1),
    ];
    if (s.input(6) === '') return s.result('MatMul', factors, []);
    return s.result('Add', [s.add('MatMul', factors), s.input(6)], []);
  },
  DynamicQuantizeMatMul: (s) => {
    const factors = [s.input(0), s.dequantized([s.input(1), s.input(2), s.input(3)], -1)];
    if (s.input(4) === '') return s.result('MatMul', factors, []);
    return s.result('Add', [s.add('MatMul', factors), s.input(4)], []);
  },
  QuantizeLinear: ({ node }) => [{ ...node, domain: undefined }],
  DequantizeLinear: ({ node }) => [{ ...node, domain: undefined }],
};

/** onnxruntime's operators that have a row of their own beside those of the default domain. */
const CONTRIB_ROWS: ReadonlySet<string> = new Set(['MatMulNBits']);

/** The nodes of a graph with every operator on integers spelled out; the rest as they are. */
export function spelledOut(nodes: readonly Node[]): readonly Node[] {
  return nodes.flatMap((node) => {
    const { domain, opType = '' } = node;
    if (domain === CONTRIB && CONTRIB_ROWS.has(opType)) return [{ ...node, domain: undefined }];
    const table = domain === CONTRIB ? CONTRIB_SPELLINGS : !domain || domain === 'ai.onnx' ? SPELLINGS : {};
    const channelsLast = flag(node, 'channels_last');
    if (!Object.hasOwn(table, opType) || channelsLast) return [node];
    return table[opType](new Spelling(node));
  });
}
