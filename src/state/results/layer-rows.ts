/** The layer list and the per-layer charts show the same rows, derived here from whatever is known so far. */
import { lookup } from '../../base/lookup';
import { BATCH, type OpId } from '../../core/graph/graph';
import { bitsOf, INT8_ACTIVATION, INT8_WEIGHT } from '../../core/number-formats/format';
import type { QuantPlan } from '../../core/quantize/plan';
import type { Evaluation, LayerSensitivity, LayerView, ModelView } from '../../jobs/contract/protocol';
import type { SortKey } from '../slices/ui';

export interface LayerRow {
  readonly layer: LayerView;
  /** The name without what all layers of the model have in common, and without the names of what was fused into it. */
  readonly shortName: string;
  readonly order: number;
  /** Of a weight, or of an output value where there are no weights. */
  readonly bits: number;
  /** Why the layer stays in float; null when it does not. */
  readonly keptFloat: string | null;
  readonly sqnrDb: number | null;
  /** Accuracy change when only this layer is quantized. */
  readonly delta: number | null;
  /** The same figures without training, where trained weights are held against them. */
  readonly untrained: { readonly sqnrDb: number | null; readonly delta: number | null } | null;
  /** Bytes of its parameters in the float and in the quantized file. */
  readonly floatBytes: number;
  readonly quantizedBytes: number;
}

interface Known {
  readonly plan: QuantPlan | null;
  readonly evaluation: Evaluation | null;
  readonly sensitivity: readonly LayerSensitivity[] | null;
  readonly untrained?: Pick<Known, 'evaluation' | 'sensitivity'> | null;
}

/** Figures by layer. */
function figuresOf({ evaluation, sensitivity }: Pick<Known, 'evaluation' | 'sensitivity'>) {
  const errors = new Map(evaluation?.layers.map((error) => [error.op, error.sqnrDb]));
  const deltas = new Map(sensitivity?.map((row) => [row.op, row.delta]));
  return (op: OpId) => ({ sqnrDb: errors.get(op) ?? null, delta: deltas.get(op) ?? null });
}

export function layerRows(model: ModelView, { plan, untrained, ...measured }: Known): LayerRow[] {
  const figures = figuresOf(measured);
  const figuresBefore = untrained ? figuresOf(untrained) : () => null;
  const kept = new Map<OpId, string>(plan?.keptFloat.map(({ op, reason }) => [op, reason]));
  const shared = sharedPath(model.layers.map(({ name }) => name.split(';')[0]));
  return model.layers.map((layer, order) => {
    const keptFloat = layer.notComputed ?? kept.get(layer.id) ?? (plan ? null : (layer.floatOnlyReason ?? null));
    const quantized = plan !== null && keptFloat === null;
    const weights = layer.weight ? layer.weight.shape.reduce((n, d) => n * d, 1) : 0;
    const format = lookup(plan?.weights, layer.weight?.id)?.format ?? INT8_WEIGHT;
    // Biases stay four bytes wide, as int32 or in float.
    const quantizedBytes = quantized
      ? Math.ceil((weights * bitsOf(format)) / 8) + 4 * (layer.parameters - weights)
      : 4 * layer.parameters;
    return {
      layer,
      shortName: shortened(layer.name.split(';')[0], shared),
      order,
      bits: quantized
        ? bitsOf(
            lookup(plan.weights, layer.weight?.id)?.format ??
              lookup(plan.activations, layer.output.id)?.format ??
              INT8_ACTIVATION,
          )
        : layer.output.dtype === 'int8' || layer.output.dtype === 'uint8'
          ? 8
          : 32,
      keptFloat,
      ...figures(layer.id),
      untrained: figuresBefore(layer.id),
      floatBytes: 4 * layer.parameters,
      quantizedBytes,
    };
  });
}

function shortened(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** The folders that most names begin with: "model/" where one output of four is called "Identity". */
function sharedPath(names: readonly string[]): string {
  let shared = '';
  for (;;) {
    const next = new Map<string, number>();
    for (const name of names) {
      const end = name.startsWith(shared) ? name.indexOf('/', shared.length) : -1;
      if (end >= 0) next.set(name.slice(0, end + 1), (next.get(name.slice(0, end + 1)) ?? 0) + 1);
    }
    const [commonest, count] = [...next].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
    if (names.length < 2 || count < 0.75 * names.length) return shared;
    shared = commonest;
  }
}

const VALUES: Readonly<Record<SortKey, (row: LayerRow) => number | string | null>> = {
  order: (row) => row.order,
  name: (row) => row.layer.name,
  op: (row) => row.layer.label,
  parameters: (row) => row.layer.parameters,
  bits: (row) => row.bits,
  untrained: (row) => row.untrained?.sqnrDb ?? null,
  sqnr: (row) => row.sqnrDb,
  delta: (row) => row.delta,
};

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Rows whose name, op or shape contain every word of the search, sorted; unknown values come last either way. */
export function arrangeRows(
  rows: readonly LayerRow[],
  search: string,
  sort: { readonly key: SortKey; readonly descending: boolean },
): LayerRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const value = VALUES[sort.key];
  const direction = sort.descending ? -1 : 1;
  return rows
    .filter(({ layer }) => {
      const text =
        `${layer.name} ${layer.label} ${layer.kind} ${layer.output.shape.filter((d) => d !== BATCH).join('×')}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === null || y === null) return x === y ? a.order - b.order : x === null ? 1 : -1;
      const compared = typeof x === 'string' ? collator.compare(x, String(y)) : x - Number(y);
      return direction * (compared || 0) || a.order - b.order;
    });
}
