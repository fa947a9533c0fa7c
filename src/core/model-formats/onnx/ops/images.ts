/** Resizing, and moving pixels between planes and channels. */
import type { TensorId } from '../../../graph/graph';
import type { Pair } from '../../../graph/ops/attrs';
import { bilinearTap, nearestTap, type Sampling } from '../../../graph/spatial';
import { planeOf, transposed, unplane, type Plane } from '../layouts';
import type { OnnxNode } from '../node';
import { clamp, resamplingOf, type AxisResizing, type Resampling } from '../resampling';
import type { OpRows } from './row';

/** The sampling rules TensorFlow Lite has. */
const SAMPLINGS: readonly Sampling[] = [
  { alignCorners: false, halfPixelCenters: true },
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: true, halfPixelCenters: false },
];

interface Resizing {
  /** [H, W] of the result. */
  readonly size: Pair;
  readonly axes: readonly [AxisResizing, AxisResizing];
}

/** Whether a sampling of TensorFlow Lite reads, at every output position, what ONNX prescribes. */
function samplesAlike(sampling: Sampling, to: Resizing, { mode, source, nearest }: Resampling): boolean {
  return to.axes.every((axis) => {
    const { length, size } = axis;
    for (let position = 0; position < size; position++) {
      const x = source(position, axis);
      if (mode === 'nearest') {
        if (nearestTap(position, length, size, sampling) !== clamp(nearest(x), length)) return false;
        continue;
      }
      const { lower, upper, fraction } = bilinearTap(position, length, size, sampling);
      const read = clamp(lower + (upper - lower) * fraction, length);
      if (Math.abs(read - clamp(x, length)) > 1e-4 * length) return false;
    }
    return true;
  });
}

/** Upsample, and Resize as it was: floors of asymmetric positions, scales as the second input. */
const isOlder = (node: OnnxNode) => node.type === 'Upsample' || node.opset < 11;

/** Scales and sizes of all dimensions, of those in `axes`, or none. */
function resizingOf(node: OnnxNode, plane: Plane): Resizing {
  const shape = node.shape(0);
  const older = isOlder(node);
  const axes = node.attrs.ints('axes')?.map((axis) => node.axis(axis, shape.length)) ?? shape.map((_, i) => i);
  const given = (values: number[] | undefined) => {
    if (!values || values.length === 0) return undefined;
    if (values.length !== axes.length) node.refuse(`it has ${values.length} scales or sizes for ${axes.length} axes`);
    return shape.map((_, axis) => values[axes.indexOf(axis)] as number | undefined);
  };
  const scaleList = node.attrs.has('scales') ? node.attrs.floats('scales') : undefined;
  const scales = given(
    scaleList ?? (node.has(older ? 1 : 2) ? [...node.known(older ? 1 : 2, 'scales').values] : undefined),
  );
  const sizes = given(!older && node.has(3) ? [...node.known(3, 'sizes').values] : undefined);
  if (!scales && !sizes) node.refuse('it has neither scales nor sizes');
  if (sizes && node.attrs.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    node.refuse('it keeps the aspect ratio');
  const along = (axis: number) => {
    const length = shape[axis];
    const scale = sizes ? (sizes[axis] ?? length) / length : (scales?.[axis] ?? 1);
    const size = sizes ? (sizes[axis] ?? length) : Math.floor(length * scale);
    if (!(size >= 1) || !Number.isSafeInteger(size)) node.refuse(`its result has a dimension of ${size}`);
    return { length, size, scale };
  };
  if (along(0).size !== shape[0] || along(1).size !== shape[1]) node.refuse('it resizes the batch or the channels');
  const [h, w] = plane.spatial === 2 ? [along(2), along(3)] : [{ length: 1, size: 1, scale: 1 }, along(2)];
  return { size: [h.size, w.size], axes: [h, w] };
}

/** One product with a matrix along the width, one along the height. */
function resizeByMatrices(node: OnnxNode, x: TensorId, [h, w]: Resizing['axes'], { weights }: Resampling): TensorId {
  const along = (input: TensorId, axis: AxisResizing, name: string) => {
    const matrix = node.fixed(`${node.name}/${name}`, weights(axis), [axis.size, axis.length]);
    return node.step(name, 'fullyConnected', [input, matrix, null], { keepDims: true });
  };
  const columns = along(transposed(node, x, [0, 1, 3, 2], 'nhcw'), w, 'columns');
  const rows = along(transposed(node, columns, [0, 3, 2, 1], 'nwch'), h, 'rows');
  return transposed(node, rows, [0, 3, 1, 2], 'nhwc-again');
}

function resize(node: OnnxNode): TensorId {
  const older = isOlder(node);
  const resampling = resamplingOf(node, older);
  const plane = planeOf(node);
  const to = resizingOf(node, plane);
  if (to.size.some((size) => size > 2 ** 16)) node.refuse(`its result measures [${to.size.join(', ')}]`);
  const smoothed = node.attrs.flag('antialias') && to.axes.some(({ scale }) => scale < 1);
  const own = resampling.mode !== 'cubic' && !smoothed;
  const sampling = own ? SAMPLINGS.find((candidate) => samplesAlike(candidate, to, resampling)) : undefined;
  if (!sampling) return unplane(node, resizeByMatrices(node, plane.tensor, to.axes, resampling), plane.spatial);
  const kind = resampling.mode === 'linear' ? 'resizeBilinear' : 'resizeNearest';
  return unplane(node, node.op(kind, [plane.tensor], { size: to.size, ...sampling }), plane.spatial);
}

/** Channels in the order of the block's pixels (DCR) are TensorFlow's; those ordered within each channel (CRD) are moved. */
function depthToSpace(node: OnnxNode): TensorId {
  const plane = planeOf(node);
  if (plane.spatial !== 2) node.refuse('it has one spatial dimension');
  const blockSize = node.attrs.int('blocksize', 1);
  const mode = node.attrs.text('mode', 'DCR');
  const pixels = blockSize * blockSize;
  let x = plane.tensor;
  if (mode === 'CRD') {
    const shape = node.shapeOf(x);
    const apart = [...shape.slice(0, 3), plane.channels / pixels, pixels];
    if (!Number.isInteger(apart[3])) node.refuse(`${plane.channels} channels do not fill blocks of ${blockSize}`);
    const split = node.step('apart', 'reshape', [x], { shape: apart });
    const moved = node.step('pixels-first', 'transpose', [split], { permutation: [0, 1, 2, 4, 3] });
    x = node.step('channels', 'reshape', [moved], { shape });
  }
  return unplane(node, node.op('depthToSpace', [x], { blockSize }), 2);
}

function spaceToDepth(node: OnnxNode): TensorId {
  const plane = planeOf(node);
  if (plane.spatial !== 2) node.refuse('it has one spatial dimension');
  return unplane(node, node.op('spaceToDepth', [plane.tensor], { blockSize: node.attrs.int('blocksize', 1) }), 2);
}

export const IMAGE_OPS: OpRows = {
  Resize: { layout: 'channels-first', translate: resize },
  Upsample: { layout: 'channels-first', translate: resize },
  DepthToSpace: { layout: 'channels-first', translate: depthToSpace },
  SpaceToDepth: { layout: 'channels-first', translate: spaceToDepth },
};
