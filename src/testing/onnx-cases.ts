/** The single-op tests that come with ONNX: a model, its inputs and the outputs it has to give. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isReal, readTensor, type Constant } from '../core/formats/onnx/constant';
import { TO_NCHW, TO_NHWC } from '../core/formats/onnx/layouts';
import { decodeMessage } from '../core/formats/onnx/proto/decode';
import { readOnnx } from '../core/formats/onnx/read';
import type { Graph } from '../core/graph/graph';
import { permutedData } from '../core/graph/permute';
import { fixturePath } from './fixtures';
import { runNaive } from './naive-float';

interface NamedTensor extends Constant {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface OnnxCase {
  readonly name: string;
  readonly model: Uint8Array;
  readonly ops: readonly string[];
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
}

function tensorFile(path: string): NamedTensor {
  const bytes = new Uint8Array(readFileSync(path));
  const tensor = decodeMessage(bytes, 'TensorProto', path);
  return { ...readTensor(tensor, 'the tensor', path), name: tensor.name ?? '', bytes };
}

/** A case of the conformance folder; null where its data is no tensors Rangefinder reads (text, 4-bit types, sequences). */
export function onnxCase(folder: string): OnnxCase | null {
  const root = fixturePath(folder);
  const data = `${root}/test_data_set_0`;
  if (!existsSync(data)) return null;
  const files = (kind: string) =>
    readdirSync(data)
      .filter((name) => name.startsWith(kind))
      .sort((a, b) => parseInt(a.slice(kind.length)) - parseInt(b.slice(kind.length)))
      .map((name) => tensorFile(`${data}/${name}`));
  const model = new Uint8Array(readFileSync(`${root}/model.onnx`));
  try {
    const { graph } = decodeMessage(model, 'ModelProto', folder);
    return {
      name: folder.replace(/^.*\//, ''),
      model,
      ops: graph!.node.map(({ opType }) => opType ?? ''),
      inputs: files('input_'),
      outputs: files('output_'),
    };
  } catch {
    return null;
  }
}

/** One length-delimited field of a protobuf message. */
function field(number: number, content: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = content.length; ; rest = Math.floor(rest / 128)) {
    length.push((rest % 128) + (rest >= 128 ? 128 : 0));
    if (rest < 128) break;
  }
  return Uint8Array.of(number * 8 + 2, ...length, ...content);
}

/**
 * The model with some of its inputs fixed to these values: protobuf messages are joined by writing one after the other,
 * so that a second part of the graph adds initializers of the inputs' names.
 */
export function withInitializers(model: Uint8Array, tensors: readonly NamedTensor[]): Uint8Array {
  return tensors.reduce((bytes, tensor) => {
    const part = field(7, field(5, tensor.bytes));
    const joined = new Uint8Array(bytes.length + part.length);
    joined.set(bytes);
    joined.set(part, bytes.length);
    return joined;
  }, model);
}

/** The release of the operator set a model says it uses. */
export function opsetOf(model: Uint8Array): number {
  const { opsetImport } = decodeMessage(model, 'ModelProto', '');
  return opsetImport.find(({ domain }) => !domain)?.version ?? 0;
}

/** The model as one of another release: protobuf keeps the last of several values, and a list's first entry counts here. */
export function atOpset(model: Uint8Array, version: number): Uint8Array {
  const first = field(8, Uint8Array.of(0x0a, 0, 0x10, version));
  const joined = new Uint8Array(first.length + model.length);
  joined.set(first);
  joined.set(model, first.length);
  return joined;
}

/** The outputs of a graph in the order and layout of its file. */
export function runAsFile(
  graph: Graph,
  inputs: ReadonlyMap<string, { shape: readonly number[]; values: Float32Array }>,
) {
  const says = (what: string) => graph.provenance.notes.some((note) => note.startsWith(what));
  const fed = new Map(
    graph.inputs.map((id) => {
      const { shape, values: given } = inputs.get(id)!;
      const { quant } = graph.tensors.get(id)!;
      const values = quant ? Float32Array.from(given, (q) => (q - quant.zeroPoint[0]!) * quant.scale[0]!) : given;
      return [id, says(`input "${id}" takes images`) ? permutedData(values, shape, TO_NHWC) : values] as const;
    }),
  );
  const results = runNaive(graph, fed, 1);
  return graph.outputs.map((id) => {
    const { shape, data } = results.get(id)!;
    if (!says(`output "${id}" gives images`)) return { shape, data };
    return { shape: TO_NCHW.map((axis) => shape[axis]), data: permutedData(data, shape, TO_NCHW) };
  });
}

/** The largest |difference| / (|wanted| + 1e-3), or Infinity where shapes differ; NaN and infinities have to agree. */
export function relativeError(
  got: { readonly shape: readonly number[]; readonly data: Float32Array },
  wanted: Constant,
): number {
  if (got.shape.join() !== wanted.shape.join()) return Infinity;
  let worst = 0;
  got.data.forEach((v, i) => {
    const w = Number(wanted.values[i]);
    if (Object.is(v, Math.fround(w)) || v === w) return;
    const error = Math.abs(v - w) / (Math.abs(w) + 1e-3);
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  });
  return worst;
}

/**
 * Reads and runs a case: with float inputs as the model's inputs where that is possible, otherwise with all but the
 * first as weights. Throws what reading throws.
 */
export function runCase(test: OnnxCase): { error: number; graph: Graph } {
  const real = ({ type }: NamedTensor) => isReal(type);
  const attempts = [test.inputs.filter((tensor) => !real(tensor)), test.inputs.slice(1)];
  let failure: unknown;
  for (const fixed of attempts) {
    try {
      const graph = readOnnx(withInitializers(test.model, fixed), test.name);
      const inputs = new Map(
        test.inputs.map(({ name, shape, values }) => [name, { shape, values: values as Float32Array }]),
      );
      const outputs = runAsFile(graph, inputs);
      const errors = outputs.map((output, i) => relativeError(output, test.outputs[i]));
      return { error: Math.max(...errors), graph };
    } catch (thrown) {
      failure = thrown;
    }
  }
  throw failure;
}
