/** Boxes that a single-shot detector's raw outputs are offsets from. */

/** Centre and size in shares of the image. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * TensorFlow's object detection API (`ssd_anchor_generator`, six layers, scales 0.2 … 0.95, ratios 1, 2, ½, 3, ⅓ and one
 * between two scales; the first layer has three anchors): 1,917 for 300×300.
 */
export function ssdAnchors(height: number, width: number): Anchor[] {
  const layers = 6;
  const scaleOf = (layer: number) => (layer >= layers ? 1 : 0.2 + ((0.95 - 0.2) * layer) / (layers - 1));
  const anchors: Anchor[] = [];
  let [rows, columns] = [Math.ceil(height / 16), Math.ceil(width / 16)];
  for (let layer = 0; layer < layers; layer++) {
    const [scale, next] = [scaleOf(layer), scaleOf(layer + 1)];
    const shapes: (readonly [number, number])[] =
      layer === 0
        ? [[0.1, 1], [scale, 2], [scale, 0.5]] // prettier-ignore
        : [[scale, 1], [scale, 2], [scale, 0.5], [scale, 3], [scale, 1 / 3], [Math.sqrt(scale * next), 1]]; // prettier-ignore
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++)
        for (const [size, ratio] of shapes)
          anchors.push({
            x: (x + 0.5) / columns,
            y: (y + 0.5) / rows,
            width: size * Math.sqrt(ratio),
            height: size / Math.sqrt(ratio),
          });
    [rows, columns] = [Math.ceil(rows / 2), Math.ceil(columns / 2)];
  }
  return anchors;
}

/** MediaPipe's (`ssd_anchors_calculator` with anchors of unit size): two for each layer of a stride, layers of equal stride together. */
export function mediaPipeAnchors(height: number, width: number, strides: readonly number[]): Anchor[] {
  const anchors: Anchor[] = [];
  for (let layer = 0; layer < strides.length;) {
    const stride = strides[layer];
    let count = 0;
    for (; layer < strides.length && strides[layer] === stride; layer++) count += 2;
    const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++)
        for (let i = 0; i < count; i++)
          anchors.push({ x: (x + 0.5) / columns, y: (y + 0.5) / rows, width: 1, height: 1 });
  }
  return anchors;
}

/** Strides of MediaPipe’s detectors: faces at short and at full range, and older models of three strides. */
export const MEDIAPIPE_STRIDES: readonly (readonly number[])[] = [[8, 16, 16, 16], [4], [8, 16, 32, 32, 32]];
