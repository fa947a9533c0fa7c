/** Opens whatever was dropped as a model: decides by content, looks into zip archives, says what a foreign file is. */
import { isZip, openZip } from '../data/zip';
import type { SourceFile } from '../data/types';
import { BUDGET } from '../../base/budget';
import { RangefinderError, type ErrorInfo } from '../../base/errors';
import type { Graph } from '../graph/graph';
import type { InputSizes } from './open-sizes';
import { ARCHIVES_OF_OTHER_THINGS, FOREIGN_ARCHIVES, FOREIGN_FORMATS } from './sniff';
import { MODEL_FORMATS, type ModelFormat } from './table';

const READS =
  'Rangefinder reads .tflite, ONNX, Keras (.keras, .h5) and TensorFlow.js models (model.json with its weights).';

/** An archive within an archive is opened, too: a .keras file in a zip. */
const DEEPEST_ARCHIVE = 2;

/** Files that came together: those dropped loosely, or the content of one archive. */
interface Drop {
  readonly archive?: SourceFile;
  readonly files: readonly SourceFile[];
}

interface Found {
  readonly file: SourceFile;
  readonly format: ModelFormat;
  /** What the reader gets to see besides. */
  readonly files: readonly SourceFile[];
}

/**
 * @param files one model: a single file, a model.json with its shards, or a zip of these; other files are ignored.
 * @param sizes of dimensions that the model leaves open, as an error's `openSizes` names them.
 * @throws RangefinderError 'unknown-format' naming what the file is instead, and all that the readers throw.
 */
export async function readModel(files: readonly SourceFile[], sizes: InputSizes = {}): Promise<Graph> {
  const drops = dropsOf({ files }, 0);
  const together = drops.flatMap((drop) => foundTogether(drop) ?? []);
  const claimed = new Set(together.flatMap((found) => found.files));
  const single = drops.flatMap((drop) => drop.files).filter((file) => !claimed.has(file));
  const found = [...together, ...single.flatMap((file) => foundAlone(file, single) ?? [])];
  if (found.length === 0) throw foreign(files, single);
  if (found.length > 1)
    throw new RangefinderError({
      code: 'unknown-format',
      message: `These are ${found.length} models; Rangefinder opens one at a time.`,
      hint: 'Drop the files of one model.',
      details: found.map(({ file, format }) => `${file.path}: ${format.label}`),
    });
  const [model] = found as [Found];
  return model.format.read(model.file, model.files, sizes);
}

function dropsOf({ archive, files }: Drop, depth: number): Drop[] {
  const archives = depth < DEEPEST_ARCHIVE ? files.filter((file) => isZip(file.bytes)) : [];
  const own: Drop = { ...(archive && { archive }), files: files.filter((file) => !archives.includes(file)) };
  return [own, ...archives.flatMap((inner) => dropsOf({ archive: inner, files: unpack(inner) }, depth + 1))];
}

function foundTogether({ archive, files }: Drop): Found | undefined {
  const paths = files.map(({ path }) => path);
  const format = MODEL_FORMATS.find(({ sniffTogether }) => sniffTogether?.(paths));
  return format && { file: archive ?? files[0], format, files };
}

function foundAlone(file: SourceFile, files: readonly SourceFile[]): Found | undefined {
  const format = MODEL_FORMATS.find(({ sniff }) => sniff(file.bytes));
  return format && { file, format, files };
}

/** The files of an archive, their declared sizes checked before anything is inflated. */
function unpack({ path, bytes }: SourceFile): SourceFile[] {
  const entries = openZip(bytes, path);
  const paths = entries.map((entry) => entry.path);
  const kind = FOREIGN_ARCHIVES.find(({ sniff }) => sniff(paths));
  if (kind) throw refusal(path, kind);
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (size > BUDGET.bytes.modelArchive)
    throw new RangefinderError({
      code: 'too-large',
      message: `"${path}" unpacks to ${(size / 2 ** 30).toFixed(1)} GiB; a model archive may hold 1 GiB.`,
      where: path,
      hint: 'Drop the files of the model without the rest.',
    });
  return entries.map((entry) => ({ path: entry.path, bytes: entry.bytes() }));
}

/** @param unpacked the files, and for an archive what is in it */
function foreign(files: readonly SourceFile[], unpacked: readonly SourceFile[]): RangefinderError {
  const [first] = files;
  const isArchive = first !== undefined && files.length === 1 && isZip(first.bytes);
  for (const { path, bytes } of unpacked) {
    const kind = FOREIGN_FORMATS.find(({ sniff }) => sniff(bytes, path.toLowerCase()));
    // Of many samples, none says what the archive is.
    if (kind && !(isArchive && kind.isData)) return refusal(path, kind);
  }
  const details = unpacked.slice(0, 20).map(({ path }) => path);
  if (isArchive) {
    const kind = ARCHIVES_OF_OTHER_THINGS.find(({ sniff }) => sniff(unpacked.map(({ path }) => path)))!;
    return refusal(first.path, { ...kind, details });
  }
  return new RangefinderError({
    code: 'unknown-format',
    message: first ? `"${first.path}" is not a model Rangefinder knows.` : 'There is no file to open.',
    ...(first && { where: first.path }),
    hint: READS,
    ...(files.length > 1 && { details }),
  });
}

interface Kind extends Pick<ErrorInfo, 'hint' | 'details'> {
  readonly label: string;
  readonly code?: ErrorInfo['code'];
}

function refusal(path: string, { label, hint, code = 'unknown-format', details }: Kind): RangefinderError {
  const message = `"${path}" is ${label}.`;
  return new RangefinderError({ code, message, where: path, ...(hint && { hint }), ...(details && { details }) });
}
