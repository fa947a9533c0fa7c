/** One picture of a digit: a distorted skeleton, inked, among the things that make reading hard. */
import type { Random } from '../../../src/base/random';
import { affine, distort, elastic } from './distort';
import { GLYPHS, line, type Point, type Stroke } from './glyphs';
import { Canvas, coverage } from './raster';

export const SIZE = 28;
export const CLASSES = GLYPHS.length;
/** Grey levels 0, 5, … 255: noise in fewer levels packs into half the bytes and reads the same. */
export const LEVEL = 5;

const CENTRE = (SIZE - 1) / 2;

/** @returns SIZE × SIZE bytes, rows from the top */
export function drawDigit(digit: number, random: Random): Uint8Array {
  const canvas = new Canvas(SIZE);
  const { paper, ink } = levels(random);
  const [slopeX, slopeY] = [0, 1].map(() => (ink - paper) * random.uniform(-0.012, 0.012));
  canvas.fill((x, y) => paper + slopeX * (x - CENTRE) + slopeY * (y - CENTRE));

  const strokes = poseOnCanvas(GLYPHS[digit][random.integer(GLYPHS[digit].length)], random);
  const pen = random.uniform(0.55, 1.55);
  if (random.uniform() < 0.5) distractor(canvas, ink, pen, random);
  const pressure = random.uniform(-0.35, 0.35);
  canvas.paint(
    coverage(SIZE, strokes, (along) => pen * (1 + pressure * (2 * along - 1))),
    ink,
  );
  if (random.uniform() < 0.35) occlusion(canvas, paper, random);

  const noise = 0.008 + Math.abs(ink - paper) * random.uniform(0.02, 0.2);
  return Uint8Array.from(canvas.values, (value) => {
    const noisy = Math.min(1, Math.max(0, value + noise * random.gaussian()));
    return LEVEL * Math.round((noisy * 255) / LEVEL);
  });
}

/** Paper and ink, dark on light or light on dark; contrasts from faint to full, each octave as likely. */
function levels(random: Random): { paper: number; ink: number } {
  const contrast = 2 ** random.uniform(Math.log2(0.14), Math.log2(0.95));
  const low = random.uniform(0, 1 - contrast);
  const isDarkOnLight = random.uniform() < 0.4;
  return isDarkOnLight ? { paper: low + contrast, ink: low } : { paper: low, ink: low + contrast };
}

function poseOnCanvas(glyph: readonly Stroke[], random: Random): Stroke[] {
  const size = random.uniform(7, 10.5);
  const pose = affine({
    scaleX: size * random.uniform(0.75, 1.1),
    scaleY: size,
    shear: random.uniform(-0.3, 0.25),
    rotation: (Math.PI / 180) * random.uniform(-20, 20),
    shift: [CENTRE + random.uniform(-2.5, 2.5), CENTRE + random.uniform(-2.5, 2.5)],
  });
  return distort(glyph, elastic(random, random.uniform(0.02, 0.1)), pose);
}

/** A line of somebody else's writing, which comes in from the edge. */
function distractor(canvas: Canvas, ink: number, pen: number, random: Random): void {
  const angle = random.uniform(0, 2 * Math.PI);
  const at = (distance: number, turn: number): Point => [
    CENTRE + distance * Math.cos(angle + turn),
    CENTRE + distance * Math.sin(angle + turn),
  ];
  const stroke = line(
    at(random.uniform(10, 14), random.uniform(-0.5, 0)),
    at(random.uniform(12, 17), random.uniform(0.2, 0.8)),
  );
  canvas.paint(
    coverage(SIZE, [stroke], () => pen),
    ink,
    random.uniform(0.5, 1),
  );
}

/** A spot or a scratch of bare paper. */
function occlusion(canvas: Canvas, paper: number, random: Random): void {
  const start: Point = [CENTRE + random.uniform(-7, 7), CENTRE + random.uniform(-8, 8)];
  const length = random.uniform(0, 8);
  const angle = random.uniform(0, Math.PI);
  const end: Point = [start[0] + length * Math.cos(angle), start[1] + length * Math.sin(angle)];
  const radius = random.uniform(0.6, 1.6);
  canvas.paint(
    coverage(SIZE, [[start, end]], () => radius),
    paper,
  );
}
