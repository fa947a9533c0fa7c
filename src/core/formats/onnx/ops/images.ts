/** Resizing, and moving pixels between planes and channels. */
import type { TensorId } from '../../../graph/graph';
import type { Pair } from '../../../graph/ops/attrs';
import { bilinearTap, nearestTap, type Sampling } from '../../../graph/spatial';
import { planeOf, unplane, type Plane } from '../layouts';
import type { OnnxNode } from '../node';
import type { OpRows } from './row';

/** The sampling rules TensorFlow Lite has. */
const SAMPLINGS: readonly Sampling[] = [
  { alignCorners: false, halfPixelCenters: true },
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: true, halfPixelCenters: false },
];

/** Where an output position lies in the input, by coordinate_transformation_mode. */
type Transform = (position: number, scale: number, length: number, size: number) => number;

const TRANSFORMS: Readonly<Record<string, Transform>> = {
  half_pixel: (x, scale) => (x + 0.5) / scale - 0.5,
  half_pixel_symmetric: (x, scale, length, size) => {
    const adjustment = size / (scale * length);
    return (length / 2) * (1 - adjustment) + (x + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (x, scale, _length, size) => (size > 1 ? (x + 0.5) / scale - 0.5 : 0),
  align_corners: (x, _scale, length, size) => (size > 1 ? (x * (length - 1)) / (size - 1) : 0),
  asymmetric: (x, scale) => x / scale,
};

const ROUNDINGS: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

const clamp = (x: number, length: number) => Math.min(Math.max(x, 0), length - 1);

interface Resizing {
  readonly size: Pair;
  /** Along [H, W]. */
  readonly scales: Pair;
}

/** Whether a sampling of TensorFlow Lite reads, at every output position, what ONNX prescribes. */
function samplesAlike(node: OnnxNode, sampling: Sampling, plane: Plane, to: Resizing, linear: boolean): boolean {
  const transform =
    TRANSFORMS[
      node.attrs.text(
        'coordinate_transformation_mode',
        node.type === 'Upsample' || node.opset < 11 ? 'asymmetric' : 'half_pixel',
      )
    ];
  const rounding =
    ROUNDINGS[
      node.attrs.text('nearest_mode', node.type === 'Upsample' || node.opset < 11 ? 'floor' : 'round_prefer_floor')
    ];
  if (!transform || !rounding) return false;
  return ([0, 1] as const).every((i) => {
    const [length, size, scale] = [plane.size[i], to.size[i], to.scales[i]];
    for (let position = 0; position < size; position++) {
      const x = transform(position, scale, length, size);
      if (linear) {
        const { lower, upper, fraction } = bilinearTap(position, length, size, sampling);
        const inside = clamp(x, length);
        if (Math.abs(clamp(lower + (upper - lower) * fraction, length) - inside) > 1e-4 * Math.max(length, 1))
          return false;
      } else if (nearestTap(position, length, size, sampling) !== clamp(rounding(x), length)) return false;
    }
    return true;
  });
}

/** Scales and sizes of all dimensions, of those in `axes`, or none. */
function resizingOf(node: OnnxNode, plane: Plane): Resizing {
  const shape = node.shape(0);
  const older = node.type === 'Upsample' || node.opset < 11;
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
    return { size, scale };
  };
  if (along(0).size !== shape[0] || along(1).size !== shape[1]) node.refuse('it resizes the batch or the channels');
  const [h, w] = plane.spatial === 2 ? [along(2), along(3)] : [{ size: 1, scale: 1 }, along(2)];
  return { size: [h.size, w.size], scales: [h.scale, w.scale] };
}

function resize(node: OnnxNode): TensorId {
  const mode = node.attrs.text('mode', 'nearest');
  const plane = planeOf(node);
  const to = resizingOf(node, plane);
  if (mode !== 'nearest' && mode !== 'linear')
    node.refuse(`its mode is "${mode}"; "nearest" and "linear" are modelled`);
  const shrinks = to.size.some((size, i) => size < plane.size[i]);
  if (node.attrs.flag('antialias') && shrinks) node.refuse('it is antialiased');
  if (to.size.some((size) => size > 2 ** 16)) node.refuse(`its result measures [${to.size.join(', ')}]`);
  const linear = mode === 'linear';
  const sampling =
    SAMPLINGS.find((candidate) => samplesAlike(node, candidate, plane, to, linear)) ??
    node.refuse('TensorFlow Lite has no sampling that reads the same pixels');
  const y = node.op(linear ? 'resizeBilinear' : 'resizeNearest', [plane.tensor], { size: to.size, ...sampling });
  return unplane(node, y, plane.spatial);
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
