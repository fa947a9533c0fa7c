/** Writes small ONNX models for tests, by the same tables the reader is driven by. */
import protobuf from 'protobufjs/minimal.js';
import { SCHEMA, type MessageName } from '../../core/model-formats/onnx/proto/schema';

type Content = Readonly<Record<string, unknown>>;

function write(message: MessageName, content: Content, writer: protobuf.Writer): protobuf.Writer {
  const fields = SCHEMA[message] as Readonly<Record<string, readonly [number, string]>>;
  for (const [name, value] of Object.entries(content)) {
    const [number, type] = fields[name];
    const single = type.replace('[]', '');
    for (const item of type.endsWith('[]') ? (value as unknown[]) : [value]) {
      if (single === 'int' || single === 'uint') writer.uint32(number * 8).int64(item as number);
      else if (single === 'float') writer.uint32(number * 8 + 5).float(item as number);
      else if (single === 'string') writer.uint32(number * 8 + 2).string(item as string);
      else if (single === 'bytes') writer.uint32(number * 8 + 2).bytes(item as Uint8Array);
      else write(single as MessageName, item as Content, writer.uint32(number * 8 + 2).fork()).ldelim();
    }
  }
  return writer;
}

export type Attribute =
  | number
  | { readonly float: number }
  | readonly number[]
  | { readonly floats: readonly number[] }
  | { readonly texts: readonly string[] }
  | { readonly graph: Content }
  | string;

/** With its AttributeProto.AttributeType, which other readers ask for. */
function attribute(name: string, value: Attribute): Content {
  if (typeof value === 'number') return { name, i: value, type: 2 };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: 3 };
  if ('float' in value) return { name, f: value.float, type: 1 };
  if ('graph' in value)
    return { name, g: write('GraphProto', value.graph, protobuf.Writer.create()).finish(), type: 5 };
  if ('texts' in value) return { name, strings: value.texts.map((text) => new TextEncoder().encode(text)), type: 8 };
  return 'floats' in value ? { name, floats: value.floats, type: 6 } : { name, ints: value, type: 7 };
}

export type Data = Float32Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;
const TYPES = { Float32Array: 1, Uint8Array: 2, Int8Array: 3, Int32Array: 6, BigInt64Array: 7 } as const;

export interface OnnxModel {
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: readonly string[];
  readonly weights?: Readonly<Record<string, readonly [dims: readonly number[], data: Data | readonly number[]]>>;
  /** Weights whose values are said to lie in another file, with what the model says about the place. */
  readonly elsewhere?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** [type, inputs, outputs, attributes], separated by blanks. */
  readonly nodes: readonly (readonly [string, string, string, Readonly<Record<string, Attribute>>?])[];
  readonly opset?: number;
  /** ONNX element type of the inputs; FLOAT where left out. */
  readonly inputType?: number;
}

/** The graph of a model, which may stand in an attribute of another. */
export function graphOf({ inputs, outputs, weights = {}, elsewhere = {}, nodes, inputType = 1 }: OnnxModel): Content {
  const names = (text: string) => (text === '' ? [] : text.split(' ').map((name) => (name === '_' ? '' : name)));
  const dim = (d: number | string) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d });
  const tensorType = (dims?: readonly (number | string)[]) => ({
    tensorType: { elemType: inputType, ...(dims && { shape: { dim: dims.map(dim) } }) },
  });
  return {
    node: nodes.map(([opType, input, output, attributes = {}]) => ({
      input: names(input),
      output: names(output),
      name: `${opType}_${output.split(' ').find((name) => name !== '_')}`,
      opType,
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    })),
    name: 'test',
    initializer: Object.entries(weights).map(([name, [dims, values]]) => {
      const data = ArrayBuffer.isView(values) ? values : Float32Array.from(values);
      const dataType = TYPES[data.constructor.name as keyof typeof TYPES];
      const place = Object.entries(elsewhere[name] ?? {}).map(([key, value]) => ({ key, value }));
      if (place.length > 0) return { dims, dataType, name, dataLocation: 1, externalData: place };
      return { dims, dataType, name, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
    }),
    input: Object.entries(inputs).map(([name, dims]) => ({ name, type: tensorType(dims) })),
    output: outputs.map((name) => ({ name, type: { tensorType: { elemType: 1 } } })),
  };
}

export function writeOnnx(content: OnnxModel): Uint8Array {
  const model = {
    irVersion: 8,
    producerName: 'rangefinder-test',
    graph: graphOf(content),
    opsetImport: [{ domain: '', version: content.opset ?? 17 }],
  };
  return write('ModelProto', model, protobuf.Writer.create()).finish();
}
