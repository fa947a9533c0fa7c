/** `x[:, 1:3, ::2, 0]` between layers: what Python's brackets hold, as a file has it. */
import { BATCH, type TensorId } from '../../../graph/graph';
import type { LayerCall } from './layer';

interface Part {
  readonly start?: unknown;
  readonly stop?: unknown;
  readonly step?: unknown;
}

/** Keras 3 wraps slices as {class_name: "__slice__", config}, tf.keras writes them as they are. */
function partOf(item: unknown): Part | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  const { class_name: name, config } = item as { class_name?: unknown; config?: Part };
  if (name === undefined) return item;
  return name === '__slice__' ? config : undefined;
}

const isWhole = (part: Part) =>
  [part.start, part.stop, part.step ?? 1].every((v, i) => (v ?? null) === (i < 2 ? null : 1));

/** One dimension's range, in the Graph's terms: the end behind the last, −1 before the first. */
function rangeOf(
  { start, stop, step = 1 }: Part,
  size: number,
): readonly [begin: number, end: number, step: number] | null {
  const stride = step ?? 1;
  if (![start ?? 0, stop ?? 0, stride].every(Number.isInteger) || stride === 0) return null;
  const ahead = (stride as number) > 0;
  const [least, most] = ahead ? [0, size] : [-1, size - 1];
  const at = (value: unknown, open: number) => {
    if (value === undefined || value === null) return open;
    const given = value as number;
    return Math.min(Math.max(given < 0 ? given + size : given, least), most);
  };
  const range = ahead ? [at(start, 0), at(stop, size)] : [at(start, size - 1), at(stop, -1)];
  return [range[0], range[1], stride as number];
}

export function slicing(layer: LayerCall, x: TensorId, key: unknown): TensorId {
  const shape = layer.shape(x);
  const items = Array.isArray(key) ? (key as unknown[]) : [key];
  const [batch, ...others] = items;
  const whole = partOf(batch);
  if (!whole || !isWhole(whole)) layer.refuse('it picks from the batch');
  if (others.length >= shape.length) layer.refuse(`it picks from ${items.length} dimensions of ${shape.length}`);
  const begin = [0];
  const end = [BATCH];
  const strides = [1];
  const shrinkAxes: number[] = [];
  for (let axis = 1; axis < shape.length; axis++) {
    const size = shape[axis];
    const item = axis - 1 < others.length ? others[axis - 1] : {};
    const index = Number.isInteger(item) ? (item as number) : undefined;
    if (index !== undefined) shrinkAxes.push(axis);
    const from = index !== undefined && index < 0 ? index + size : index;
    const part = from === undefined ? partOf(item) : { start: from, stop: from + 1 };
    const range = part && rangeOf(part, size);
    if (!range || range[0] === range[1]) return layer.refuse('it picks in a way that is not modelled');
    begin.push(range[0]);
    end.push(range[1]);
    strides.push(range[2]);
  }
  return layer.op('stridedSlice', [x], { begin, end, strides, shrinkAxes });
}
