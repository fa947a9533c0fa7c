/**
 * A .tflite as C++ source, to be compiled into firmware: an aligned array and its length, as TensorFlow Lite for
 * Microcontrollers takes a model, and in comments what its inputs and outputs hold.
 */
import { BATCH, tensorOf, type Graph, type TensorId } from '../graph/graph';
import { readTflite } from '../model-formats/tflite/read';

/** Bytes that the interpreter wants a model to be aligned to. */
const ALIGNMENT = 16;
const BYTES_A_LINE = 16;

const HEX = Array.from({ length: 256 }, (_, byte) => `0x${byte.toString(16).padStart(2, '0')}`);

/**
 * @param fileName of the .tflite; the array is called like it
 * @throws RangefinderError where the bytes are no .tflite
 */
export function cSource(bytes: Uint8Array, fileName: string): string {
  const graph = readTflite(bytes, fileName);
  const name = identifier(fileName);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE)
    lines.push(`  ${Array.from(bytes.subarray(at, at + BYTES_A_LINE), (byte) => HEX[byte]).join(', ')},`);
  return [
    `// ${plain(fileName)}, ${bytes.length} bytes, quantized with Rangefinder. real = scale * (q - zeroPoint)`,
    ...graph.inputs.map((id) => `// input ${contents(graph, id)}`),
    ...graph.outputs.map((id) => `// output ${contents(graph, id)}`),
    '',
    `extern const unsigned char ${name}[];`,
    `extern const unsigned int ${name}_len;`,
    '',
    `alignas(${ALIGNMENT}) const unsigned char ${name}[] = {`,
    ...lines,
    '};',
    `const unsigned int ${name}_len = ${bytes.length};`,
    '',
  ].join('\n');
}

function contents(graph: Graph, id: TensorId): string {
  const { shape, dtype, quant } = tensorOf(graph, id);
  const dimensions = shape.map((d) => (d === BATCH ? 1 : d)).join(', ');
  const grid = quant && quant.scale.length === 1 ? `, scale ${quant.scale[0]}, zeroPoint ${quant.zeroPoint[0]}` : '';
  return `${plain(id)}: ${dtype} [${dimensions}]${grid}`;
}

/** Names come from files: in a comment they must not begin another line, nor hide the next one behind a backslash. */
function plain(name: string): string {
  return name.replace(/[^\x20-\x7e]|\\|\?\?/g, '_');
}

function identifier(fileName: string): string {
  const name = fileName.replace(/[^A-Za-z0-9]+/g, '_').replace(/^(?=\d)/, '_');
  return /[A-Za-z]/.test(name) ? name : `model${name}`;
}
