/** Files that are brought before they are asked for. */
import type { DistantFile } from '../zip';

/** What was asked for ahead of time, until it is taken. */
export class ReadAhead {
  private readonly coming = new Map<number, Promise<Uint8Array>>();

  constructor(private readonly files: readonly DistantFile[]) {}

  fetch(index: number): void {
    if (this.coming.has(index)) return;
    const bytes = this.files[index].load();
    bytes.catch(() => {}); // whoever takes it hears of it
    this.coming.set(index, bytes);
  }

  /** The bytes, without keeping them: who looks into all files does not want them all in memory. */
  peek(index: number): Promise<Uint8Array> {
    return this.coming.get(index) ?? this.files[index].load();
  }

  bytes(index: number): Promise<Uint8Array> {
    const bytes = this.coming.get(index) ?? this.files[index].load();
    this.coming.delete(index);
    return bytes;
  }
}
