/** Masks brought to the grid of a model's output, as its pictures were to that of its input. */
import { compileResize, type ResizeStep } from './resize';
import type { Preprocessing, RawSample, SampleSource } from './types';

/** Marks of positions that are not counted. */
const IGNORED = 255;

/**
 * The source with the masks of `drawn` samples; a sample without a mask, or with one that is a picture in colour, is marked
 * nowhere. Masks of 0 and 255 alone are of two classes; masks that begin at 1 and use as many numbers as there are classes
 * are counted from 0.
 * @param grid height and width of the model's output
 * @param classes that it chooses among, where that is known
 */
export async function prepareMasks(
  source: SampleSource,
  drawn: Iterable<number>,
  pipeline: Preprocessing,
  { height, width, classes }: { readonly height: number; readonly width: number; readonly classes: number },
): Promise<SampleSource> {
  if (!source.readMask) return source;
  const masks = new Map<number, Uint8Array>();
  const seen = new Set<number>();
  let colourful = 0;
  for (const index of drawn) {
    const mask = await source.readMask(index);
    if (!mask) {
      colourful++;
      continue;
    }
    const fitted = Uint8Array.from(onGrid(mask, pipeline, height, width));
    for (const level of fitted) seen.add(level);
    masks.set(index, fitted);
  }
  if (masks.size === 0) return withNote(source, 'The masks are pictures in colour, which do not number classes: they are not used.'); // prettier-ignore
  const levels = [...seen].sort((a, b) => a - b);
  const { renumbered, note } = numbering(levels, classes);
  if (renumbered) for (const [index, mask] of masks) masks.set(index, mask.map(renumbered));
  const most = Math.max(0, ...levels.map((level) => renumbered?.(level) ?? level).filter((level) => level !== IGNORED));
  const nowhere = new Uint8Array(height * width).fill(IGNORED);
  const notes = [note, colourful > 0 ? `Samples without a mask that numbers classes: ${colourful}; nothing is counted there.` : '']; // prettier-ignore
  return {
    ...source,
    masks: { classes: most + 1, of: (index) => masks.get(index) ?? nowhere },
    notes: [...(source.notes ?? []), ...notes.filter(Boolean)],
  };
}

function withNote(source: SampleSource, note: string): SampleSource {
  return { ...source, notes: [...(source.notes ?? []), note] };
}

/** What the levels stand for, where it is not themselves. */
function numbering(levels: readonly number[], classes: number) {
  if (levels.every((level) => level === 0 || level === IGNORED))
    return { renumbered: (level: number) => Number(level === IGNORED), note: 'In the masks 0 is background and 255 is what is looked for.' }; // prettier-ignore
  const numbers = levels.filter((level) => level !== IGNORED);
  if (numbers[0] > 0 && numbers.at(-1) === classes)
    return {
      renumbered: (level: number) => (level === IGNORED ? level : level - 1),
      note: 'The masks number classes from 1; they are counted from 0.',
    };
  return { note: levels.includes(IGNORED) ? 'What the masks mark with 255 is not counted.' : '' };
}

/** By the nearest pixel, by way of what the picture is cut to. */
function onGrid(mask: RawSample, pipeline: Preprocessing, height: number, width: number): ArrayLike<number> {
  const cut = pipeline.find((step): step is ResizeStep => step.kind === 'resize' && step.fit === 'crop');
  const nearest = (
    values: RawSample['values'],
    [rows, columns]: readonly number[],
    step: Omit<ResizeStep, 'kind' | 'method'>,
  ) =>
    // prettier-ignore
    compileResize(rows, columns, 1, { ...step, kind: 'resize', method: 'nearest' })(values);
  if (!cut) return nearest(mask.values, mask.shape, { height, width, fit: 'stretch' });
  const inside = nearest(mask.values, mask.shape, cut);
  return nearest(inside, [cut.height, cut.width], { height, width, fit: 'stretch' });
}
