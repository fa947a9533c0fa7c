import type { OpId } from '../graph/graph';
import type { Examined } from './finding';
import type { SettingsPatch } from './fix';
import { keptInFloat, opsAround } from './checks/shared';

/** Leaves layers and what they write in float; where they read an input or write an output of the model, that as well. */
export function placeInFloat(examined: Examined, layers: readonly OpId[]): SettingsPatch {
  const { graph } = examined;
  const own = graph.ops.filter(({ id }) => layers.includes(id));
  const kept = new Set([...layers, ...own.flatMap(({ outputs }) => outputs.flatMap((id) => opsAround(examined, id)))]);
  const inFloat = graph.ops.filter(({ id }) => kept.has(id));
  const meetsBorder = inFloat.some(
    ({ inputs, outputs }) =>
      inputs.some((id) => id !== null && graph.inputs.includes(id)) || outputs.some((id) => graph.outputs.includes(id)),
  );
  return { ...(meetsBorder && { io: 'float32' as const }), ...keptInFloat([...kept]) };
}
