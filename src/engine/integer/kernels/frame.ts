/** What the two convolutions share: an image with its padding around it, so that windows need no bounds checks. */
import type { Padding, Pair } from '../../../core/graph/ops/attrs';
import { dilatedLength, padLengths } from '../../../core/graph/spatial';

export interface WindowAttrs {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

/** Height and width that all windows of an image touch, and where the image lies in it. */
export interface Frame {
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
}

export function frameOf(input: Pair, output: Pair, filter: Pair, { strides, dilations, padding }: WindowAttrs): Frame {
  const before = (i: 0 | 1) => padLengths(input[i], filter[i], strides[i], dilations[i], padding)[0];
  const reach = (i: 0 | 1) => (output[i] - 1) * strides[i] + dilatedLength(filter[i], dilations[i]);
  return {
    top: before(0),
    left: before(1),
    height: Math.max(input[0] + before(0), reach(0)),
    width: Math.max(input[1] + before(1), reach(1)),
  };
}

/** Fills frames, reusing one buffer. */
export class Framer {
  #buffer = new Int8Array(0);

  /** @param fill the zero point: what padding stands for. Returns the source itself where nothing is added. */
  frame(source: Int8Array, [height, width]: Pair, depth: number, frame: Frame, fill: number): Int8Array {
    if (frame.top === 0 && frame.left === 0 && frame.height === height && frame.width === width) return source;
    const size = frame.height * frame.width * depth;
    if (this.#buffer.length !== size) this.#buffer = new Int8Array(size);
    this.#buffer.fill(fill);
    for (let y = 0; y < height; y++)
      this.#buffer.set(
        source.subarray(y * width * depth, (y + 1) * width * depth),
        ((y + frame.top) * frame.width + frame.left) * depth,
      );
    return this.#buffer;
  }
}
