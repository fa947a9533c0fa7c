/**
 * Counts what code asks memory for: buffers, typed arrays, arrays of a stated length, growth of WebAssembly memories. The
 * constructors are replaced while watching, so that a size is known even where the system would give memory lazily.
 *
 * Not seen: array literals and pushes, strings, and what lives in the engine itself. These are bounded by the heap limit
 * the process runs with.
 */

export interface Allocations {
  /** The largest single one, bytes. */
  largest: number;
  /** All together, bytes. */
  total: number;
  /** Where the first one above `limit` was asked for. */
  limit: number;
  place: string;
  /** How far WebAssembly memories grew, bytes; they grow in steps larger than what is asked for. */
  wasm: number;
}

const TYPES = [
  'ArrayBuffer',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

const POINTER_BYTES = 8;

/** Watches until `stop`; `now` is set to zero by whoever begins a new count. */
export function watchAllocations(): { readonly now: Allocations; stop(): void } {
  const now: Allocations = { largest: 0, total: 0, limit: Infinity, place: '', wasm: 0 };
  const count = (bytes: number) => {
    now.total += bytes;
    if (bytes > now.limit && now.place === '') now.place = new Error().stack ?? '';
    if (bytes > now.largest) now.largest = bytes;
  };
  const undo: (() => void)[] = [];
  for (const name of TYPES) undo.push(watchType(name, count));

  const { from } = Array;
  Array.from = function (this: ArrayConstructor, source: ArrayLike<unknown>, ...rest: []) {
    if (typeof source === 'object' && source !== null && !(Symbol.iterator in source))
      count(POINTER_BYTES * Number(source.length || 0));
    return Reflect.apply(from, this, [source, ...rest]);
  } as typeof Array.from;
  const { grow } = WebAssembly.Memory.prototype;
  WebAssembly.Memory.prototype.grow = function (pages) {
    now.wasm += pages * 65536;
    return grow.call(this, pages);
  };
  return {
    now,
    stop() {
      for (const restore of undo) restore();
      Array.from = from;
      WebAssembly.Memory.prototype.grow = grow;
    },
  };
}

function watchType(name: (typeof TYPES)[number], count: (bytes: number) => void): () => void {
  const original = globalThis[name] as unknown as new (...args: unknown[]) => { readonly byteLength: number };
  const width = 'BYTES_PER_ELEMENT' in original ? Number(original.BYTES_PER_ELEMENT) : 1;
  const watched = new Proxy(original, {
    construct(target, args: unknown[], newTarget) {
      const [first] = args;
      // Of a stated length: counted even if it fails.
      if (typeof first === 'number') count(first * width);
      const made = Reflect.construct(target, args, newTarget) as { readonly byteLength: number };
      if (typeof first === 'object' && first !== null && !isBuffer(first)) count(made.byteLength);
      return made;
    },
  });
  const { prototype } = original as { prototype: object };
  Object.defineProperty(globalThis, name, { value: watched, configurable: true, writable: true });
  // slice, map and filter construct by way of the instance's constructor.
  Object.defineProperty(prototype, 'constructor', { value: watched, configurable: true, writable: true });
  return () => {
    Object.defineProperty(globalThis, name, { value: original, configurable: true, writable: true });
    Object.defineProperty(prototype, 'constructor', { value: original, configurable: true, writable: true });
  };
}

function isBuffer(value: object): boolean {
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}
