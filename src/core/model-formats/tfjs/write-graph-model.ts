/** Writes a Graph as a GraphModel of TensorFlow.js, its larger weights stored in a byte each. */
import { zipSync } from 'fflate';
import { BATCH, tensorOf, type Graph, type TensorId } from '../../graph/graph';
import type { OpKind } from '../../graph/ops/attrs';
import { GraphModelWriter, sizes, type, typeNameOf } from './writing/nodes';
import { activated, GRAPH_MODEL_ROWS } from './writing/ops';
import { FLOAT, type GraphModelRow } from './writing/steps';

const SHARD = 'group1-shard1of1.bin';

/** A zip of model.json and its weights. Every op has to have a form: see `whyNotInGraphModel`. */
export function writeGraphModel(graph: Graph): Uint8Array<ArrayBuffer> {
  const w = new GraphModelWriter(graph);
  for (const id of graph.inputs) {
    const { shape, dtype } = tensorOf(graph, id);
    w.node('Placeholder', w.name(id), [], { dtype: type(typeNameOf(dtype)), shape: sizes(shape) });
  }
  for (const op of graph.ops) {
    const row = GRAPH_MODEL_ROWS[op.kind] as unknown as GraphModelRow<OpKind>;
    const names = [row(w, op, (index) => w.input(op.inputs[index]!))].flat();
    op.outputs.forEach((id, i) => w.node('Identity', w.name(id), [activated(w, op, names[i])], FLOAT));
  }
  const described = (ids: readonly TensorId[]) =>
    Object.fromEntries(
      ids.map((id) => {
        const { shape, dtype } = tensorOf(graph, id);
        const dim = shape.map((d) => ({ size: String(d === BATCH ? -1 : d) }));
        return [id, { name: `${w.name(id)}:0`, dtype: typeNameOf(dtype), tensorShape: { dim } }];
      }),
    );
  const json = {
    format: 'graph-model',
    generatedBy: 'Rangefinder',
    convertedBy: null,
    signature: { inputs: described(graph.inputs), outputs: described(graph.outputs) },
    modelTopology: { node: w.nodes, library: {}, versions: { producer: 1 } },
    weightsManifest: [{ paths: [SHARD], weights: w.manifest }],
  };
  const bytes = new Uint8Array(w.shards.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const shard of w.shards) {
    bytes.set(shard, at);
    at += shard.length;
  }
  return zipSync({ 'model.json': new TextEncoder().encode(JSON.stringify(json)), [SHARD]: bytes }).slice();
}
