/** Light augmentation of images: mirrored, moved by a few pixels. */
import type { Random } from '../../base/random';

export interface Augmentation {
  readonly flip: boolean;
  /** Pixels at most, each way; the border is repeated. */
  readonly shift: number;
}

/**
 * Writes a randomly mirrored and moved copy of an image.
 * @param image height × width × channels, row-major
 * @param out as long; may not be `image`
 */
export function augment(
  image: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  { flip, shift }: Augmentation,
  random: Random,
  out: Float32Array,
): void {
  const mirrored = flip && random.integer(2) === 1;
  const [down, right] = [0, 1].map(() => random.integer(2 * shift + 1) - shift);
  const within = (i: number, length: number) => Math.max(0, Math.min(length - 1, i));
  for (let y = 0, at = 0; y < height; y++) {
    const row = within(y - down, height) * width;
    for (let x = 0; x < width; x++) {
      const column = within(x - right, width);
      const from = (row + (mirrored ? width - 1 - column : column)) * channels;
      for (let c = 0; c < channels; c++) out[at++] = image[from + c];
    }
  }
}
