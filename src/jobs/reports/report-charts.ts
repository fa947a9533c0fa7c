/** The charts of the written report, as SVG that needs no script. */
import type { Report } from './report';

const WIDTH = 860;
const HEIGHT = 170;
const LEFT = 44;
const BOTTOM = 18;

/** SQNR of every layer against float. */
export function layerChart({ layers }: Report): string {
  const values = layers.map(({ sqnrDb }) => sqnrDb);
  return bars(
    layers.map(({ name }) => name),
    values,
    'dB',
  );
}

/** Layers by the bits of their weights. */
export function sizeChart({ layers }: Report): string {
  return bars(
    layers.map(({ name }) => name),
    layers.map(({ bits }) => bits),
    'bits',
  );
}

function bars(names: readonly string[], values: readonly (number | null)[], unit: string): string {
  const known = values.filter((value) => value !== null);
  const hi = Math.max(1, ...known);
  const lo = Math.min(0, ...known);
  const y = (value: number) => 6 + ((hi - value) / (hi - lo)) * (HEIGHT - BOTTOM - 6);
  const slot = (WIDTH - LEFT) / Math.max(1, values.length);
  const rects = values.map((value, i) => {
    if (value === null) return '';
    const [top, bottom] = [y(Math.max(0, value)), y(Math.min(0, value))];
    const x = LEFT + i * slot + 0.1 * slot;
    return `<rect x="${x.toFixed(1)}" y="${top.toFixed(1)}" width="${(0.8 * slot).toFixed(1)}" height="${Math.max(1, bottom - top).toFixed(1)}" fill="var(--quant)"><title>${text(names[i])}: ${value.toFixed(1)} ${unit}</title></rect>`;
  });
  const lines = [0, 0.5, 1].map((share) => {
    const value = lo + share * (hi - lo);
    return `<line x1="${LEFT}" x2="${WIDTH}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="var(--line)"/><text x="${LEFT - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end" font-size="11" fill="var(--quiet)">${value.toFixed(0)}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Bars of ${values.length} layers, in ${unit}; the table has the same">${lines.join('')}${rects.join('')}<text x="${WIDTH}" y="${HEIGHT - 3}" text-anchor="end" font-size="11" fill="var(--quiet)">layers in order, ${unit}</text></svg>`;
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
