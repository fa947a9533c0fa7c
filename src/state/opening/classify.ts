/** Decides what was dropped, by what the files are and not by what they are called. */

export interface Candidate {
  readonly path: string;
  /** The first bytes, {@link HEAD_BYTES} where the file has as many. */
  readonly head: Uint8Array;
  /** Entry names, for a zip archive. */
  readonly entries?: readonly string[];
}

export const HEAD_BYTES = 4096;

export interface Sorted<T> {
  readonly model: readonly T[];
  readonly data: readonly T[];
  /** Files that nothing speaks for: neither content nor name nor the company they are in. */
  readonly strangers: readonly T[];
}

/** What one file is taken for. 'unknown' files follow the company they are in. */
type Verdict = 'model' | 'manifest' | 'data' | 'unknown';

const bytes = (...values: number[]) => values;
const ascii = (text: string) => [...text].map((c) => c.charCodeAt(0));

interface Magic {
  readonly offset: number;
  readonly bytes: readonly number[];
  readonly verdict: Verdict;
}

const MAGIC: readonly Magic[] = [
  { offset: 4, bytes: ascii('TFL3'), verdict: 'model' },
  { offset: 0, bytes: bytes(0x89, ...ascii('HDF\r\n'), 0x1a, 0x0a), verdict: 'model' },
  { offset: 0, bytes: bytes(0x89, ...ascii('PNG')), verdict: 'data' },
  { offset: 0, bytes: bytes(0xff, 0xd8, 0xff), verdict: 'data' },
  { offset: 0, bytes: ascii('GIF8'), verdict: 'data' },
  { offset: 0, bytes: ascii('BM'), verdict: 'data' },
  { offset: 8, bytes: ascii('WEBP'), verdict: 'data' },
  { offset: 8, bytes: ascii('WAVE'), verdict: 'data' },
  { offset: 0, bytes: bytes(0x93, ...ascii('NUMPY')), verdict: 'data' },
  { offset: 0, bytes: bytes(0x1f, 0x8b), verdict: 'data' }, // gzip: IDX comes this way
  { offset: 0, bytes: bytes(0, 0, 0x08), verdict: 'data' }, // IDX of bytes
  { offset: 0, bytes: bytes(0, 0, 0x0d), verdict: 'data' }, // IDX of floats
];

/** A file somebody calls a model is handed to the model reader, which says what it really is. */
const MODEL_NAME = /\.(tflite|lite|h5|hdf5|keras|onnx|pb|pt|pth|mlmodel|safetensors)$/i;
const MODEL_ENTRY = /(^|\/)(model\.json|config\.json|model\.weights\.h5)$|\.(tflite|h5|keras|onnx)$/i;
/** Office documents, Java and Android archives are zips, too. */
const FOREIGN_ENTRY = /^(\[Content_Types\]\.xml|META-INF\/|AndroidManifest\.xml|mimetype$)/;
const SHARD_NAME = /(\.bin|shard\d+of\d+)$/i;
/** What exporters call the files with the values of an ONNX model's tensors. */
const ONNX_DATA_NAME = /\.(data|weights|bin|pb)$|\.onnx[._]data[\w.-]*$/i;
const TEXT_NAME = /\.(csv|tsv|txt|labels?)$/i;

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5);
}

/** Splits what came in together. Order is kept. */
export function classify<T extends Candidate>(candidates: readonly T[]): Sorted<T> {
  const visible = candidates.filter(({ path }) => !isHousekeeping(path));
  const verdicts = visible.map(judge);
  const hasManifest = verdicts.includes('manifest');
  const hasOnnx = visible.some(({ path }) => /\.onnx$/i.test(path));
  const hasData = verdicts.includes('data');
  const belongsToModel = (verdict: Verdict, path: string) => {
    if (verdict === 'model' || verdict === 'manifest') return true;
    // Shards carry no mark of their own, and may begin like anything: beside a manifest their name speaks for them.
    if (hasManifest && SHARD_NAME.test(path)) return true;
    if (hasOnnx && ONNX_DATA_NAME.test(path)) return true;
    return verdict === 'unknown' && (hasManifest || !hasData);
  };
  if (verdicts.every((verdict) => verdict === 'unknown')) return { model: [], data: [], strangers: visible };
  const model: T[] = [];
  const data: T[] = [];
  visible.forEach((file, i) => (belongsToModel(verdicts[i], file.path) ? model : data).push(file));
  return { model, data, strangers: [] };
}

function judge({ path, head, entries }: Candidate): Verdict {
  if (isZip(head)) {
    if (MODEL_NAME.test(path)) return 'model';
    if (entries?.some((name) => FOREIGN_ENTRY.test(name))) return 'unknown';
    return entries?.some((name) => MODEL_ENTRY.test(name)) ? 'model' : 'data';
  }
  const magic = MAGIC.find(({ offset, bytes: mark }) => mark.every((byte, i) => head[offset + i] === byte));
  if (magic?.verdict === 'model' || MODEL_NAME.test(path)) return 'model';
  if (magic) return magic.verdict;
  if (startsAs(head, '[') && isAnnotation(head)) return 'data';
  if (startsAs(head, '{')) return isManifest(head) ? 'manifest' : isAnnotation(head) ? 'data' : 'model';
  return TEXT_NAME.test(path) ? 'data' : 'unknown';
}

function startsAs(head: Uint8Array, bracket: string): boolean {
  return head.find((byte) => byte > 0x20) === bracket.charCodeAt(0);
}

function isManifest(head: Uint8Array): boolean {
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  return /"(modelTopology|weightsManifest|format)"/.test(text);
}

/** What COCO's files of boxes begin with, descriptions of data sets, and tokenised text. */
function isAnnotation(head: Uint8Array): boolean {
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  return /"(images|annotations|categories|licenses|splits|input_ids|attention_mask)"\s*:/.test(text);
}

function isHousekeeping(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.startsWith('.') || name === 'Thumbs.db' || name === 'desktop.ini' || path.includes('__MACOSX/');
}
