/** Figures of layers as Model Explorer lays them over its drawing of a model. Source: its "custom node data" guide. */

/** Colours from a layer that lost much to one that lost little. */
const GRADIENT = [
  { stop: 0, bgColor: '#b3261e' },
  { stop: 0.5, bgColor: '#f9d67a' },
  { stop: 1, bgColor: '#3a7d44' },
];

/** @param values output tensor → figure; those that are no numbers are left out, for the viewer draws numbers alone */
export function writeNodeData(graph: string, values: ReadonlyMap<string, number>): unknown {
  const finite = [...values].filter(([, value]) => Number.isFinite(value));
  const results = Object.fromEntries(finite.map(([tensor, value]) => [tensor, { value }]));
  return { graphsData: { [graph]: { results, gradient: GRADIENT } } };
}
