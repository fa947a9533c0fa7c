/**
 * int32 accumulators of conv2d and fullyConnected, a row of pixels at a time: in WebAssembly where there is SIMD, and by the
 * loops of dot.ts where not. Sums wrap as 32-bit integers do, so both agree in every bit.
 */
import { dotRuns, type Runs } from './dot';
import { DotMemory } from './wasm/dot-memory';

export interface RowAccumulator {
  /** Takes the image that rows are of next. @param pixels of the longest row */
  open(image: Int8Array, runs: Runs, pixels: number): void;
  /**
   * @param at where the window of the first pixel begins in the image; those of the others follow `step` values apart
   * @returns [pixels][channels], until the next call
   */
  row(at: number, step: number, pixels: number): Int32Array;
}

export interface Filters {
  /** [channels][runs][length], of codes. */
  readonly weights: Int8Array;
  /** With the zero point of the input folded in. */
  readonly bias: Int32Array;
  /** Channels are divided into these, each of which sees a slice of the input of its own, `depth` values wide. */
  readonly groups: number;
  readonly depth: number;
}

/** Windows of fewer values are not worth being copied. */
const LEAST = 8;

let memory: DotMemory | null | undefined;

export function rowAccumulator(filters: Filters): RowAccumulator {
  memory ??= DotMemory.create();
  const perChannel = filters.weights.length / filters.bias.length;
  return memory && perChannel >= LEAST ? new WasmRows(filters, memory) : new PlainRows(filters);
}

export class PlainRows implements RowAccumulator {
  private readonly widened: Int16Array;
  private readonly accumulators: Int32Array;
  private image: Int8Array = new Int8Array();
  private runs: Runs = { inputOffsets: new Int32Array(), length: 0 };
  private out: Int32Array = new Int32Array();

  constructor(private readonly filters: Filters) {
    this.widened = Int16Array.from(filters.weights);
    this.accumulators = new Int32Array(filters.bias.length);
  }

  open(image: Int8Array, runs: Runs, pixels: number): void {
    [this.image, this.runs] = [image, runs];
    this.out = new Int32Array(pixels * this.accumulators.length);
  }

  row(at: number, step: number, pixels: number): Int32Array {
    const { image, runs, widened, accumulators, out } = this;
    const { bias, groups, depth } = this.filters;
    const own = bias.length / groups;
    for (let x = 0; x < pixels; x++) {
      for (let g = 0; g < groups; g++)
        dotRuns(image, at + x * step + g * depth, runs, widened, bias, accumulators, g * own, (g + 1) * own);
      out.set(accumulators, x * bias.length);
    }
    return out;
  }
}

export class WasmRows implements RowAccumulator {
  /** [channels][size]: 16 bits each, with zeros at the end of a channel. */
  private readonly packed: Int16Array;
  /** Values of a window, rounded up to eight. */
  private readonly size: number;
  private place = { image: 0, offsets: 0, patches: 0, weights: 0, bias: 0, out: 0 };
  private runs: Runs = { inputOffsets: new Int32Array(), length: 0 };

  constructor(
    private readonly filters: Filters,
    private readonly memory: DotMemory,
  ) {
    const { weights, bias } = filters;
    const perChannel = weights.length / bias.length;
    this.size = 8 * Math.ceil(perChannel / 8);
    this.packed = new Int16Array(bias.length * this.size);
    for (let o = 0; o < bias.length; o++)
      this.packed.set(weights.subarray(o * perChannel, (o + 1) * perChannel), o * this.size);
  }

  open(image: Int8Array, runs: Runs, pixels: number): void {
    const { packed, size, memory } = this;
    const { bias } = this.filters;
    this.runs = runs;
    const parts = [
      4 * bias.length * pixels,
      image.byteLength,
      runs.inputOffsets.byteLength,
      8 * size,
      packed.byteLength,
      bias.byteLength,
    ];
    const [out, ...rest] = memory.lay(parts) as [number, number, number, number, number, number];
    const [at, offsets, patches, weights, biases] = rest;
    this.place = { out, image: at, offsets, patches, weights, bias: biases };
    memory.put(at, image);
    memory.put(offsets, runs.inputOffsets);
    memory.put(weights, packed);
    memory.put(biases, bias);
  }

  row(at: number, step: number, pixels: number): Int32Array {
    const { size, memory, place, runs } = this;
    const { bias, groups, depth } = this.filters;
    const own = bias.length / groups;
    for (let g = 0; g < groups; g++)
      memory.kernel.accumulateRow(
        place.image + at + g * depth,
        step,
        pixels,
        place.offsets,
        runs.inputOffsets.length,
        runs.length,
        place.patches,
        size,
        place.weights + 2 * g * own * size,
        place.bias + 4 * g * own,
        own,
        place.out + 4 * g * own,
        bias.length,
      );
    return memory.int32(place.out, pixels * bias.length);
  }
}
