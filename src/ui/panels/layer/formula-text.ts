import { real } from '../../parts/format';

/** `scale × (q − zeroPoint)` with numbers for what is known; null where nothing is. A negative zero point is added. */
export function formulaText(scale: number | undefined, zeroPoint: number | undefined): string | null {
  if (scale === undefined && zeroPoint === undefined) return null;
  const factor = scale === undefined ? 'scale' : real(scale);
  if (zeroPoint === undefined) return `${factor} × (q − zeroPoint)`;
  if (zeroPoint === 0) return `${factor} × q`;
  return `${factor} × (q ${zeroPoint < 0 ? '+' : '−'} ${real(Math.abs(zeroPoint))})`;
}
