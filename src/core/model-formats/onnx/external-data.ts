/** Values of tensors that lie in files beside the model, as PyTorch's exporter writes them by default. */
import { RangefinderError } from '../../../base/errors';
import type { SourceFile } from '../../data/types';
import { decodeMessage } from './proto/decode';
import type { Message } from './proto/schema';

/** How the missing files are made part of the model, for those who have it at hand. */
const HINT = 'Open these files together with the model, as they lay beside each other: loose, as a folder or as a zip.';

export function isExternal({ dataLocation, externalData }: Message<'TensorProto'>): boolean {
  return dataLocation === 1 || externalData.length > 0;
}

/** Paths, relative to the model's folder, of the files in which it keeps values; none where the model cannot be read. */
export function externalFiles(bytes: Uint8Array, fileName: string): string[] {
  try {
    const { graph } = decodeMessage(bytes, 'ModelProto', fileName);
    const external = (graph?.initializer ?? []).filter(isExternal);
    const paths = external.map((tensor) => confined(entriesOf(tensor).get('location') ?? ''));
    return [...new Set(paths.filter((path) => path !== null))];
  } catch (thrown) {
    if (thrown instanceof RangefinderError) return [];
    throw thrown;
  }
}

function entriesOf({ externalData }: Message<'TensorProto'>): Map<string, string> {
  return new Map(externalData.map(({ key = '', value = '' }) => [key, value]));
}

/** The files that came along with a model, by the paths its tensors name them by. */
export class ExternalData {
  /** Files that tensors named and that did not come along. */
  readonly missing = new Set<string>();
  /** Bytes of the files that were read from. */
  get bytes(): number {
    return [...this.#used].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  readonly #files: ReadonlyMap<string, SourceFile>;
  readonly #used = new Set<SourceFile>();
  readonly #folder: string;

  constructor(
    private readonly modelPath: string,
    private readonly files: readonly SourceFile[],
  ) {
    this.#folder = modelPath.slice(0, modelPath.lastIndexOf('/') + 1);
    this.#files = new Map(files.map((file) => [file.path, file]));
  }

  /** The tensor with its values in it; as it was where these lie in a file that is missing, which is noted. */
  inlined(tensor: Message<'TensorProto'>): Message<'TensorProto'> {
    if (!isExternal(tensor)) return tensor;
    const where = `tensor "${tensor.name ?? ''}"`;
    const entries = entriesOf(tensor);
    const location = entries.get('location') ?? '';
    const path = confined(location);
    if (path === null)
      throw this.#damaged(`${where} has its values at "${location}", which is no place beside the model`);
    const file = this.#find(path);
    if (!file) {
      this.missing.add(path);
      return tensor;
    }
    this.#used.add(file);
    const offset = this.#whole(entries.get('offset') ?? '0', 'offset', where);
    const length = this.#whole(entries.get('length') ?? String(file.bytes.length - offset), 'length', where);
    if (offset + length > file.bytes.length)
      throw this.#damaged(
        `${where} has its values in bytes ${offset} to ${offset + length} of "${path}", which has ${file.bytes.length}`,
      );
    const rawData = file.bytes.subarray(offset, offset + length);
    return { ...tensor, rawData, externalData: [], dataLocation: 0 };
  }

  /** @throws RangefinderError 'missing-file' naming all that tensors name and that did not come along */
  check(): void {
    if (this.missing.size === 0) return;
    const names = [...this.missing];
    throw new RangefinderError({
      code: 'missing-file',
      message: `The values of the model's tensors lie in ${names.length === 1 ? `"${names[0]}"` : `${names.length} further files`}, which did not come with it.`,
      where: this.modelPath,
      hint: HINT,
      ...(names.length > 1 && { details: names }),
    });
  }

  /** Files lie beside the model; dropped loosely they have lost their folders, and their names have to do. */
  #find(path: string): SourceFile | undefined {
    const exact = this.#files.get(this.#folder + path);
    if (exact) return exact;
    const name = baseName(path);
    const alike = this.files.filter((file) => baseName(file.path) === name);
    return alike.length === 1 ? alike[0] : undefined;
  }

  #whole(text: string, what: string, where: string): number {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw this.#damaged(`${where} has an ${what} of "${text}"`);
  }

  #damaged(problem: string): RangefinderError {
    return new RangefinderError({
      code: 'corrupt-file',
      message: `This ONNX file is damaged: ${problem}.`,
      where: this.modelPath,
      hint: 'Download or export the file again.',
    });
  }
}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** The path without steps that change nothing; null where it leads out of the model's folder. */
function confined(location: string): string | null {
  const parts = location
    .split('\\')
    .join('/')
    .split('/')
    .filter((part) => part !== '.');
  const sound = parts.length > 0 && parts.every((part) => part !== '' && part !== '..' && !part.includes(':'));
  return sound ? parts.join('/') : null;
}
