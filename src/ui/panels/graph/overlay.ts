/** What nodes are coloured by: a value in words beside every colour, since colour alone says nothing to some. */
import type { LayerRow } from '../../../state/results/layer-rows';
import type { MetricName } from '../../../core/metrics/table';
import { compact, decibels, deltaText } from '../../parts/format';

export type OverlayId = 'sqnr' | 'delta' | 'bits' | 'cost' | 'file';

export interface Shade {
  readonly text: string;
  /** 0: good or small, 1: bad or large. */
  readonly heat: number;
}

export const OVERLAYS: readonly { readonly id: OverlayId; readonly label: string }[] = [
  { id: 'sqnr', label: 'SQNR against float' },
  { id: 'delta', label: 'Accuracy change, alone' },
  { id: 'bits', label: 'Bits' },
  { id: 'cost', label: 'MACs' },
];

/** SQNR at which nothing is to be seen any more, and at which an output is in trouble. */
const GOOD_DB = 40;
const BAD_DB = 10;

/** Shades of rows by the op's id; ops that nothing is known of are left out. */
export function shades(
  overlay: Exclude<OverlayId, 'file'>,
  rows: readonly LayerRow[],
  metric: MetricName,
): ReadonlyMap<string, Shade> {
  const most = Math.max(1, ...rows.map(({ layer }) => layer.macs));
  const worst = Math.max(1e-9, ...rows.map(({ delta }) => Math.abs(delta ?? 0)));
  const shadeOf = ({ layer, sqnrDb, delta, bits }: LayerRow): Shade | null => {
    switch (overlay) {
      case 'sqnr':
        return sqnrDb === null
          ? null
          : {
              text: sqnrDb === Infinity ? 'exact' : decibels(sqnrDb),
              heat: clamp((GOOD_DB - sqnrDb) / (GOOD_DB - BAD_DB)),
            };
      case 'delta':
        return delta === null ? null : { text: deltaText(metric, delta), heat: clamp(Math.abs(delta) / worst) };
      case 'bits':
        return { text: `${bits} bit`, heat: clamp(bits / 32) };
      case 'cost':
        return layer.macs > 0 ? { text: `${compact(layer.macs)} MACs`, heat: clamp(layer.macs / most) } : null;
    }
  };
  return new Map(
    rows.flatMap((row) => {
      const shade = shadeOf(row);
      return shade ? [[row.layer.id, shade] as const] : [];
    }),
  );
}

/** Values of a file of one's own, from its smallest to its largest. */
export function shadesOf(values: ReadonlyMap<string, number>): ReadonlyMap<string, Shade> {
  const all = [...values.values()];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return new Map(
    [...values].map(([id, value]) => [
      id,
      { text: String(Number(value.toPrecision(4))), heat: high > low ? (value - low) / (high - low) : 0 },
    ]),
  );
}

const clamp = (x: number) => Math.min(1, Math.max(0, x));
