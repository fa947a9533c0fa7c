/** Ops that move codes without computing: inputs and outputs share scale and zero point. */
import { affineOf, required, type Kernel, type Values } from '../kernel';
import { stridesOf } from '../../../core/graph/broadcast';
import { elementCount } from '../../../core/graph/graph';
import { stridedCopy } from './strided-copy';

/** A symbolic or negative begin cannot occur in a validated graph; a size of -1 runs to the end. */
function copyBlock(
  input: Values,
  begin: readonly number[],
  steps: readonly number[],
  out: Values,
  shape: number[],
): void {
  const own = stridesOf(input.shape);
  stridedCopy(
    input.data,
    { offset: begin.reduce((at, b, d) => at + b * own[d], 0), strides: own.map((s, d) => s * steps[d]) },
    out.data,
    { offset: 0, strides: stridesOf(shape) },
    shape,
  );
}

export const reshape: Kernel<'reshape' | 'identity'> =
  () =>
  (inputs, [out]) => {
    (out.data as Int8Array).set(required(inputs, 0).data as Int8Array);
  };

export const transpose: Kernel<'transpose'> =
  (op) =>
  (inputs, [out]) => {
    const input = required(inputs, 0);
    const own = stridesOf(input.shape);
    const strides = op.attrs.permutation.map((d) => own[d]);
    stridedCopy(input.data, { offset: 0, strides }, out.data, { offset: 0, strides: stridesOf(out.shape) }, out.shape);
  };

export const slice: Kernel<'slice'> =
  (op) =>
  (inputs, [out]) => {
    const input = required(inputs, 0);
    copyBlock(input, op.attrs.begin, new Array<number>(input.shape.length).fill(1), out, [...out.shape]);
  };

export const stridedSlice: Kernel<'stridedSlice'> =
  (op) =>
  (inputs, [out]) => {
    const { begin, strides, shrinkAxes } = op.attrs;
    const input = required(inputs, 0);
    // The output has lost the shrunken axes; put them back as ones to walk it beside the input.
    const kept = out.shape[Symbol.iterator]();
    const shape = input.shape.map((_, d) => (shrinkAxes.includes(d) ? 1 : (kept.next().value ?? 1)));
    const first = begin.map((b, d) => (b < 0 ? b + input.shape[d] : b));
    copyBlock(input, first, strides, out, shape);
  };

export const split: Kernel<'split'> = (op) => (inputs, outputs) => {
  const input = required(inputs, 0);
  const begin = new Array<number>(input.shape.length).fill(0);
  const steps = new Array<number>(input.shape.length).fill(1);
  for (const out of outputs) {
    copyBlock(input, begin, steps, out, [...out.shape]);
    begin[op.attrs.axis] += out.shape[op.attrs.axis];
  }
};

export const concat: Kernel<'concat'> =
  (op) =>
  (inputs, [out]) => {
    const strides = stridesOf(out.shape);
    let offset = 0;
    for (const input of inputs) {
      if (input === null) continue;
      stridedCopy(
        input.data,
        { offset: 0, strides: stridesOf(input.shape) },
        out.data,
        { offset, strides },
        input.shape,
      );
      offset += input.shape[op.attrs.axis] * strides[op.attrs.axis];
    }
  };

export const pad: Kernel<'pad'> = (op, tensors, profile) => {
  const { paddings, value } = op.attrs;
  const fill = profile.quantize(affineOf(tensors.outputs[0]))(value);
  return (inputs, [out]) => {
    const input = required(inputs, 0);
    const strides = stridesOf(out.shape);
    (out.data as Int8Array).fill(fill);
    const offset = paddings.reduce((at, [before], d) => at + before * strides[d], 0);
    stridedCopy(input.data, { offset: 0, strides: stridesOf(input.shape) }, out.data, { offset, strides }, input.shape);
  };
};

/** Both block ops permute [N, H, b, W, b, C]: block offsets move behind the pixels, before the channels, or back. */
export const spaceToDepth: Kernel<'spaceToDepth'> =
  (op) =>
  (inputs, [out]) => {
    const b = op.attrs.blockSize;
    const [batch, height, width, channels] = out.shape;
    const depth = channels / (b * b);
    const own = stridesOf([batch, height, b, width, b, depth]);
    const strides = [own[0], own[1], own[3], own[2], own[4], own[5]];
    const shape = [batch, height, width, b, b, depth];
    stridedCopy(
      required(inputs, 0).data,
      { offset: 0, strides },
      out.data,
      { offset: 0, strides: stridesOf(shape) },
      shape,
    );
  };

export const depthToSpace: Kernel<'depthToSpace'> =
  (op) =>
  (inputs, [out]) => {
    const b = op.attrs.blockSize;
    const input = required(inputs, 0);
    const [batch, height, width, channels] = input.shape;
    const shape = [batch, height, width, b, b, channels / (b * b)];
    const own = stridesOf([batch, height, b, width, b, shape[5]]);
    const strides = [own[0], own[1], own[3], own[2], own[4], own[5]];
    stridedCopy(input.data, { offset: 0, strides: stridesOf(shape) }, out.data, { offset: 0, strides }, shape);
  };

/** Elements along the axes which a reduction keeps (outer) and drops (inner), as two lattices. */
export function reductionLattices(shape: readonly number[], axes: readonly number[]) {
  const strides = stridesOf(shape);
  const pick = (dropped: boolean) => {
    const dimensions = shape.map((_, d) => d).filter((d) => axes.includes(d) === dropped);
    const sizes = dimensions.map((d) => shape[d]);
    const offsets = new Int32Array(elementCount(sizes));
    for (let i = 0; i < offsets.length; i++) {
      let rest = i;
      for (let k = sizes.length - 1; k >= 0; k--) {
        offsets[i] += (rest % sizes[k]) * strides[dimensions[k]];
        rest = Math.floor(rest / sizes[k]);
      }
    }
    return offsets;
  };
  return { kept: pick(false), dropped: pick(true) };
}
