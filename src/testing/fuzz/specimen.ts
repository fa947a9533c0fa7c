/** What is mutated: files that belong together, and how they are damaged so that the damage gets past the outermost layer. */
import { unzipSync, zipSync } from 'fflate';
import type { SourceFile } from '../../core/data/types';
import { isGzip, isZip, openGzip } from '../../core/data/zip';
import type { Random } from '../../base/random';
import { hasBytes, isOnnx } from '../../core/model-formats/signatures';
import { IDENTIFIER } from '../../core/model-formats/tflite/schema/enums';
import { mutateBytes, mutateText, textRuns } from './byte-mutations';
import { mutateFlatbuffer } from './flatbuffer-mutations';
import { mutateHdf5 } from './hdf5-mutations';
import { mutateJson } from './json-mutations';
import { mutateProtobuf } from './protobuf-mutations';
import { mutateZip } from './zip-mutations';

type Mutate = (bytes: Uint8Array, random: Random) => Uint8Array | null;

/** Damage that knows what it damages, by what bytes begin with. */
const STRUCTURED: readonly { readonly recognises: (bytes: Uint8Array) => boolean; readonly mutate: Mutate }[] = [
  { recognises: (bytes) => hasBytes(bytes, IDENTIFIER, 4), mutate: mutateFlatbuffer },
  { recognises: (bytes) => hasBytes(bytes, '\x89HDF'), mutate: mutateHdf5 },
  { recognises: isOnnx, mutate: mutateProtobuf },
];

export class Specimen {
  /** Bytes of all its files, unpacked where they are archives: what a reader may allocate is measured by it. */
  readonly size: number;
  private readonly entries: ReadonlyMap<SourceFile, Record<string, Uint8Array>>;
  private readonly runs = new Map<Uint8Array, (readonly [number, number])[]>();

  constructor(
    readonly name: string,
    readonly files: readonly SourceFile[],
  ) {
    this.entries = new Map(files.flatMap((file) => (isZip(file.bytes) ? [[file, unpacked(file.bytes)] as const] : [])));
    const sizes = files.map((file) => {
      const inner = Object.values(this.entries.get(file) ?? {}).reduce((sum, { length }) => sum + length, 0);
      return Math.max(file.bytes.length, inner, isGzip(file.bytes) ? openGzip(file).size : 0);
    });
    this.size = sizes.reduce((sum, size) => sum + size, 0);
  }

  /** The files, one of them damaged. */
  mutant(random: Random): SourceFile[] {
    // The first file says how the others are to be read.
    const at = random.integer(4) > 0 ? 0 : random.integer(this.files.length);
    if (this.files.length > 1 && random.integer(40) === 0) return this.files.filter((_, i) => i !== at);
    return this.files.map((file, i) => (i === at ? { ...file, bytes: this.damaged(file, random) } : file));
  }

  private damaged(file: SourceFile, random: Random): Uint8Array {
    const entries = this.entries.get(file);
    if (!entries) return this.content(file.bytes, random);
    if (random.integer(3) === 0)
      return random.integer(2) ? mutateZip(file.bytes, random) : this.content(file.bytes, random);
    const names = Object.keys(entries);
    const name = names[random.integer(names.length)];
    if (name === undefined) return this.content(file.bytes, random);
    const changed = { ...entries, [name]: this.content(entries[name], random) };
    if (random.integer(20) === 0) delete changed[name];
    // Checksums are right, so that the content is what is wrong.
    return zipSync(changed, { level: random.integer(8) === 0 ? 1 : 0 });
  }

  private content(bytes: Uint8Array, random: Random): Uint8Array {
    if (bytes.length === 0) return bytes;
    if (isJson(bytes)) {
      if (random.integer(5) > 0) return new TextEncoder().encode(mutateJson(new TextDecoder().decode(bytes), random));
      return mutateBytes(bytes, random);
    }
    const structured = STRUCTURED.find(({ recognises }) => recognises(bytes));
    if (structured && random.integer(5) > 0) return structured.mutate(bytes, random) ?? mutateBytes(bytes, random);
    let runs = this.runs.get(bytes);
    if (!runs) this.runs.set(bytes, (runs = textRuns(bytes)));
    return runs.length > 0 && random.integer(3) === 0 ? mutateText(bytes, runs, random) : mutateBytes(bytes, random);
  }
}

function unpacked(bytes: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes);
  } catch {
    return {}; // a broken fixture
  }
}

function isJson(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return false;
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}
