import { lookup, put } from '../../base/lookup';
import type { Preprocessing } from '../data/types';
import type { OpId, TensorId } from '../graph/graph';
import type { LayerOverride, QuantSettings, TensorOverride } from '../quantize/settings';

/** What to change in the settings; what it does not name stays. */
export interface SettingsPatch {
  readonly granularity?: QuantSettings['weights']['granularity'];
  /** Type of the file's inputs and outputs. */
  readonly io?: QuantSettings['io'];
  /** Algorithms to switch on, with their defaults. */
  readonly algorithms?: readonly string[];
  /** In place of what is set for these tensors; nothing at all means the model's choice again. */
  readonly tensors?: Readonly<Record<TensorId, TensorOverride>>;
  /** On top of what is set for these layers. */
  readonly layers?: Readonly<Record<OpId, LayerOverride>>;
}

interface Labelled {
  /** For a button: "Equalize channels". */
  readonly label: string;
}

export type Fix = Labelled &
  (
    | { readonly kind: 'settings'; readonly patch: SettingsPatch }
    | { readonly kind: 'preprocessing'; readonly pipeline: Preprocessing }
    | { readonly kind: 'calibration'; readonly samples: number }
  );

export function settingsFix(label: string, patch: SettingsPatch): Fix {
  return { kind: 'settings', label, patch };
}

/** The settings with a patch; an algorithm that is on keeps its parameters. */
export function patched(settings: QuantSettings, patch: SettingsPatch): QuantSettings {
  const { algorithms = [] } = settings;
  const added = (patch.algorithms ?? []).filter((id) => !algorithms.some((choice) => choice.id === id));
  const tensors = Object.entries({ ...settings.tensors, ...patch.tensors });
  const layers = { ...settings.layers };
  for (const [op, override] of Object.entries(patch.layers ?? {}))
    put(layers, op, { ...lookup(layers, op), ...override });
  return {
    ...settings,
    ...(patch.io && { io: patch.io }),
    ...(patch.granularity && { weights: { ...settings.weights, granularity: patch.granularity } }),
    ...(added.length > 0 && { algorithms: [...algorithms, ...added.map((id) => ({ id, params: {} }))] }),
    tensors: Object.fromEntries(tensors.filter(([, override]) => Object.keys(override).length > 0)),
    layers,
  };
}
