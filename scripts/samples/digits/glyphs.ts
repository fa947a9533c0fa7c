/**
 * Skeletons of the ten digits as people write them, a few variants each. Coordinates: x to the right, y down, the digit
 * between −1 and 1 from top to bottom.
 */
export type Point = readonly [x: number, y: number];
/** Points close enough together to be joined by straight lines, even after a distortion. */
export type Stroke = readonly Point[];

/** Greatest distance between the points of a stroke. */
const STEP = 0.08;

/** Straight lines from point to point. */
export function line(...corners: Point[]): Stroke {
  return corners.slice(1).flatMap((to, i) => {
    const from = corners[i];
    const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / STEP));
    return Array.from({ length: steps + 1 }, (_, k): Point => mix(from, to, k / steps)).slice(i === 0 ? 0 : 1);
  });
}

/** Part of an ellipse about (x, y); degrees from the right end, clockwise. */
export function arc(x: number, y: number, rx: number, ry: number, from: number, to: number): Stroke {
  const turn = ((to - from) * Math.PI) / 180;
  const steps = Math.ceil((Math.abs(turn) * Math.max(rx, ry)) / STEP);
  return Array.from({ length: steps + 1 }, (_, k): Point => {
    const angle = (from * Math.PI) / 180 + (turn * k) / steps;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });
}

/** A smooth curve through all points: a cardinal spline of tension ½ (Catmull and Rom 1974), ends repeated. */
export function curve(...through: Point[]): Stroke {
  const points: Point[] = [through[0]];
  for (let i = 0; i + 1 < through.length; i++) {
    const [p0, p1, p2, p3] = [
      through[Math.max(0, i - 1)],
      through[i],
      through[i + 1],
      through[i + 2] ?? through[i + 1],
    ];
    const steps = Math.max(1, Math.ceil((1.2 * Math.hypot(p2[0] - p1[0], p2[1] - p1[1])) / STEP));
    for (let k = 1; k <= steps; k++) {
      const t = k / steps;
      const at = (axis: 0 | 1) => {
        const [leave, arrive] = [(p2[axis] - p0[axis]) / 2, (p3[axis] - p1[axis]) / 2];
        const rise = p2[axis] - p1[axis];
        return p1[axis] + t * (leave + t * (3 * rise - 2 * leave - arrive + t * (leave + arrive - 2 * rise)));
      };
      points.push([at(0), at(1)]);
    }
  }
  return points;
}

function mix(a: Point, b: Point, t: number): Point {
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
}

type Glyph = readonly Stroke[];

/** By digit: its variants. */
export const GLYPHS: readonly (readonly Glyph[])[] = [
  [[arc(0, 0, 0.62, 1, -90, 270)], [arc(0, 0, 0.45, 1, -75, 290)], [arc(0, 0, 0.7, 0.9, -110, 250)]],
  [
    [line([0, -1], [0, 1])],
    [line([-0.38, -0.6], [0.02, -1], [0.02, 1])],
    [line([-0.36, -0.65], [0, -1], [0, 1]), line([-0.4, 1], [0.4, 1])],
  ],
  [
    [
      curve([-0.58, -0.55], [-0.35, -0.92], [0.1, -1], [0.52, -0.7], [0.48, -0.25], [0, 0.35], [-0.6, 1]),
      line([-0.6, 1], [0.65, 1]),
    ],
    [
      curve(
        [-0.55, -0.7],
        [0, -1],
        [0.5, -0.62],
        [0.3, 0],
        [-0.3, 0.75],
        [-0.6, 0.9],
        [-0.4, 0.65],
        [0.1, 0.9],
        [0.65, 0.95],
      ),
    ],
  ],
  [
    [arc(-0.08, -0.5, 0.52, 0.5, -155, 90), arc(-0.08, 0.48, 0.62, 0.52, -90, 155)],
    [line([-0.55, -1], [0.5, -1], [-0.08, -0.2]), arc(-0.1, 0.4, 0.64, 0.6, -88, 145)],
  ],
  [
    [line([0.3, 1], [0.3, -1], [-0.62, 0.35], [0.68, 0.35])],
    [line([-0.45, -0.95], [-0.55, 0.12], [0.62, 0.12]), line([0.36, -0.7], [0.36, 1])],
    [line([-0.05, -1], [-0.6, 0.3], [0.65, 0.25]), line([0.3, -0.25], [0.22, 1])],
  ],
  [
    [
      line([0.55, -1], [-0.42, -1], [-0.5, -0.12]),
      curve([-0.5, -0.12], [0.05, -0.28], [0.58, 0.18], [0.42, 0.78], [-0.1, 1], [-0.6, 0.78]),
    ],
    [curve([0.55, -0.95], [-0.35, -0.9], [-0.48, -0.15], [0.1, -0.2], [0.55, 0.3], [0.2, 0.95], [-0.55, 0.85])],
  ],
  [
    [
      curve(
        [0.42, -0.98],
        [-0.12, -0.65],
        [-0.5, 0.05],
        [-0.5, 0.6],
        [-0.1, 1],
        [0.42, 0.78],
        [0.45, 0.3],
        [0.05, 0.08],
        [-0.46, 0.4],
      ),
    ],
    [curve([0.1, -1], [-0.35, -0.4], [-0.55, 0.42]), arc(0, 0.46, 0.54, 0.53, 0, 360)],
  ],
  [
    [line([-0.6, -1], [0.58, -1], [-0.12, 1])],
    [line([-0.6, -0.95], [0.58, -1], [-0.05, 1]), line([-0.28, 0], [0.48, -0.05])],
    [curve([-0.58, -0.7], [-0.5, -0.98], [0.05, -0.88], [0.6, -1], [0.15, 0], [-0.05, 1])],
  ],
  [
    [arc(0, -0.5, 0.46, 0.48, 0, 360), arc(0, 0.49, 0.58, 0.51, 0, 360)],
    [
      curve(
        [0.48, -0.72],
        [0, -1],
        [-0.46, -0.68],
        [-0.25, -0.25],
        [0.3, 0.15],
        [0.54, 0.6],
        [0, 1],
        [-0.54, 0.6],
        [-0.3, 0.15],
        [0.3, -0.28],
        [0.48, -0.72],
      ),
    ],
  ],
  [
    [arc(0, -0.46, 0.52, 0.54, 0, 360), line([0.52, -0.46], [0.42, 1])],
    [arc(-0.02, -0.48, 0.5, 0.52, 0, 360), curve([0.48, -0.48], [0.46, 0.3], [0.12, 0.88], [-0.42, 0.95])],
  ],
];
