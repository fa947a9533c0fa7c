/**
 * Opens every model of the zoo and writes docs/zoo.md: whether it opens, and how far its float outputs are from those of the
 * library it comes from. The models are made by scripts/oracles/zoo and not kept; run
 *
 *     python scripts/oracles/zoo/torch_zoo.py FOLDER; python scripts/oracles/zoo/keras_zoo.py FOLDER
 *     npx tsx scripts/zoo.ts FOLDER
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toErrorInfo } from '../src/base/errors';
import { elementCount, tensorOf, withBatch, type Graph } from '../src/core/graph/graph';
import { normalize } from '../src/core/graph/passes/normalize';
import { permutedData } from '../src/core/graph/permute';
import { TO_NCHW, TO_NHWC } from '../src/core/model-formats/onnx/layouts';
import { readModel } from '../src/core/model-formats/read-model';
import { crc32 } from '../src/base/crc32';
import { initBackend } from '../src/engine/tfjs/backend';
import { TfjsModel } from '../src/engine/tfjs/model';
import { nodeHost } from '../src/engine/tfjs/node-host';

interface Input {
  readonly name: string;
  readonly shape: readonly number[];
  readonly seed: string;
  readonly kind?: 'float32' | 'int64';
  readonly top?: number | null;
  readonly scale?: number;
  readonly offset?: number;
}

interface Output {
  readonly shape: readonly number[];
  readonly largest: number;
  /** At positions spread evenly over all values. */
  readonly values: readonly number[];
}

interface Golden {
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
}

/** As `values` of scripts/oracles/zoo/common.py has them. */
function valuesOf({ seed, shape, kind, top, scale = 1, offset = 0 }: Input): Float32Array {
  const shift = crc32(new TextEncoder().encode(seed)) % 100;
  return Float32Array.from({ length: elementCount(shape) }, (_, at) => {
    if (kind === 'int64') return top === 1 ? 1 : (at * 7 + 3) % (top ?? 100);
    return Math.fround(Math.sin(0.37 * at + shift)) * scale + offset;
  });
}

/** The largest difference of the sampled values, as a share of the largest value. */
async function floatError(graph: Graph, golden: Golden): Promise<number> {
  const says = (what: string) => graph.provenance.notes.some((note) => note.startsWith(what));
  const inputs = new Map(
    graph.inputs.map((id, i) => {
      const input = golden.inputs.find(({ name }) => name === id) ?? golden.inputs[i]!;
      const values = valuesOf(input);
      return [id, says(`input "${id}" takes images`) ? permutedData(values, input.shape, TO_NHWC) : values] as const;
    }),
  );
  const model = TfjsModel.load(graph);
  const results = await model.run({ size: 1, inputs }, graph.outputs);
  model.dispose();
  let worst = 0;
  golden.outputs.slice(0, graph.outputs.length).forEach(({ largest, values, shape: wanted }, i) => {
    const id = graph.outputs[i]!;
    const shape = withBatch(tensorOf(graph, id).shape, 1);
    const raw = results.get(id)!.data as Float32Array;
    const data = says(`output "${id}" gives images`) ? permutedData(raw, shape, TO_NCHW) : raw;
    if (data.length !== elementCount(wanted))
      throw new Error(`output ${i} is of [${shape.join()}], not [${wanted.join()}]`);
    const at = spread(data.length, values.length);
    values.forEach((value, k) => (worst = Math.max(worst, Math.abs(value - data[at[k]!]!) / (largest || 1))));
  });
  return worst;
}

/** As numpy's `unique(linspace(0, size - 1, count).round())` has them, halves rounded to even. */
function spread(size: number, count: number): number[] {
  const rounded = (v: number) => (v % 1 === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));
  return Array.from({ length: count }, (_, i) => rounded(count === 1 ? 0 : (i * (size - 1)) / (count - 1)));
}

async function rowOf(folder: string, file: string): Promise<string> {
  const name = file.split('.')[0]!;
  const golden = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Golden;
  const read = (path: string) => ({ path, bytes: new Uint8Array(readFileSync(join(folder, path))) });
  try {
    const graph = await readModel([file, `${file}.data`].filter((path) => existsSync(join(folder, path))).map(read));
    const error = await floatError(graph, golden);
    const normal = normalize(graph);
    const normalError = await floatError(normal, golden);
    return `| ${file} | opens | ${normal.ops.length} | ${error.toExponential(1)} | ${normalError.toExponential(1)} |`;
  } catch (thrown) {
    const { message, hint } = toErrorInfo(thrown);
    return `| ${file} | ${message} ${hint ?? ''} | – | – | – |`.replaceAll('\n', ' ');
  }
}

const HEAD = `# The zoo

Models of keras.applications, torchvision, timm, Hugging Face's transformers and ultralytics as people export them: made by
\`scripts/oracles/zoo\` with seeded weights, PyTorch's by both of its ONNX exporters (\`ts\`, \`dynamo\`), Keras' as \`.keras\`,
\`.h5\` and by TensorFlow's converter. Not kept; \`npx tsx scripts/zoo.ts FOLDER\` writes this table. An error is the largest
difference from the library's own float output, of values spread over all outputs, as a share of the largest value.

| model | | operators | error as read | error normalized |
|---|---|---|---|---|
`;

const [folder, ...only] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Which folder holds the zoo?');
  process.exit(1);
}
await initBackend(nodeHost());
const files = readdirSync(folder)
  .filter((file) => /\.(onnx|tflite|keras|h5)$/.test(file))
  .filter((file) => only.length === 0 || only.some((part) => file.includes(part)))
  .sort();
const rows: string[] = [];
for (const file of files) {
  rows.push(await rowOf(folder, file));
  console.log(rows.at(-1));
}
const opened = rows.filter((row) => row.includes('| opens |')).length;
if (only.length === 0)
  writeFileSync(
    'docs/zoo.md',
    `${HEAD}${rows.join('\n')}\n\n${opened} of ${rows.length} files open. [What they come to in int8](zoo-int8.md) stands beside it.\n`,
  );
