/** Pixels that lie a block apart, moved to images of their own and back. */
import { stridesOf } from '../../../core/graph/broadcast';
import { elementCount } from '../../../core/graph/graph';
import { affineOf, codes, required, type Kernel } from '../kernel';

/** For every pixel of the images: its place in them, and in the one picture that they make up where that holds it. */
function eachPixel(
  images: readonly number[],
  picture: readonly number[],
  block: readonly number[],
  edges: readonly (readonly [number, number])[],
  visit: (imageAt: number, pictureAt: number | null) => void,
): void {
  const strides = stridesOf(picture);
  const dims = images.slice(0, block.length + 1);
  const inner = elementCount(images.slice(block.length + 1));
  const index = dims.map(() => 0);
  for (let pixel = 0; pixel < elementCount(dims); pixel++) {
    let offset = Math.floor(index[0] / picture[0]);
    let at: number | null = (index[0] % picture[0]) * strides[0];
    for (let i = block.length - 1; i >= 0; i--) {
      const position = index[i + 1] * block[i] + (offset % block[i]) - edges[i][0];
      offset = Math.floor(offset / block[i]);
      at = at === null || position < 0 || position >= picture[i + 1] ? null : at + position * strides[i + 1];
    }
    visit(pixel * inner, at);
    for (let d = index.length - 1; d >= 0 && ++index[d] === dims[d]; d--) index[d] = 0;
  }
}

/** Padding is the zero point. */
export const spaceToBatch: Kernel<'spaceToBatch'> = (op, tensors) => {
  const { block, paddings } = op.attrs;
  const { zeroPoint } = affineOf(tensors.outputs[0]);
  return (inputs, [out]) => {
    const { shape } = required(inputs, 0);
    const [source, target] = [codes(inputs, 0), out.data as Int8Array];
    const inner = elementCount(shape.slice(block.length + 1));
    target.fill(zeroPoint);
    eachPixel(out.shape, shape, block, paddings, (to, from) => {
      if (from !== null) target.set(source.subarray(from, from + inner), to);
    });
  };
};

export const batchToSpace: Kernel<'batchToSpace'> = (op) => {
  const { block, crops } = op.attrs;
  return (inputs, [out]) => {
    const { shape } = required(inputs, 0);
    const [source, target] = [codes(inputs, 0), out.data as Int8Array];
    const inner = elementCount(shape.slice(block.length + 1));
    eachPixel(shape, out.shape, block, crops, (from, to) => {
      if (to !== null) target.set(source.subarray(from, from + inner), to);
    });
  };
};
