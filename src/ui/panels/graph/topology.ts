/** The model as nodes and edges to be laid out: an op each, or a scope each where scopes are collapsed. */
import type { LayerView, ModelView } from '../../../jobs/contract/protocol';
import { dimensions } from '../../parts/format';

export interface GraphNode {
  readonly id: string;
  readonly label: string;
  /** What kind of op it is, or how many ops a collapsed scope holds. */
  readonly detail: string;
  readonly kind: 'input' | 'op' | 'scope';
  /** Ops it stands for: one, or those of a scope. */
  readonly layers: readonly string[];
}

export interface GraphEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** The tensor, for its scale, and its shape without the batch. */
  readonly tensor: string;
  readonly shape: string;
}

export interface Topology {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Parts of a name: "model/block1/conv" has the scopes "model" and "model/block1". */
const SEPARATOR = /[/]/;

/** The first `depth` parts of a name; null where it has no more than these, and so is not inside of such a scope. */
export function scopeOf(name: string, depth: number): string | null {
  const parts = name.split(SEPARATOR);
  return depth > 0 && parts.length > depth ? parts.slice(0, depth).join('/') : null;
}

/** How deep names are nested at most. */
export function scopeDepth(layers: readonly LayerView[]): number {
  return layers.reduce((most, { name }) => Math.max(most, name.split(SEPARATOR).length - 1), 0);
}

/**
 * @param depth scopes of this many parts are collapsed to one node each; 0: none
 * @param expanded scopes that are shown op by op all the same
 */
export function topologyOf(model: ModelView, depth: number, expanded: ReadonlySet<string>): Topology {
  const nodeOf = new Map<string, string>();
  const scopes = new Map<string, string[]>();
  const nodes: GraphNode[] = [];
  for (const { id, shape } of model.inputs) {
    nodes.push({ id: `input ${id}`, label: id, detail: `input ${dimensions(shape)}`, kind: 'input', layers: [] });
    nodeOf.set(id, `input ${id}`);
  }
  for (const layer of model.layers) {
    const scope = scopeOf(layer.name, depth);
    const collapsed = scope !== null && !expanded.has(scope);
    const node = collapsed ? `scope ${scope}` : layer.id;
    for (const tensor of [layer.output.id, ...(layer.otherOutputs ?? [])]) nodeOf.set(tensor, node);
    if (!collapsed)
      nodes.push({ id: node, label: shortName(layer.name), detail: layer.label, kind: 'op', layers: [layer.id] });
    else if (scopes.has(scope)) scopes.get(scope)!.push(layer.id);
    else {
      scopes.set(scope, [layer.id]);
      nodes.push({ id: node, label: scope, detail: '', kind: 'scope', layers: [] });
    }
  }
  const shapes = new Map(
    [...model.inputs, ...model.layers.map(({ output }) => output)].map(({ id, shape }) => [id, shape]),
  );
  const edges = new Map<string, GraphEdge>();
  for (const layer of model.layers) {
    const scope = scopeOf(layer.name, depth);
    const to = scope !== null && !expanded.has(scope) ? `scope ${scope}` : layer.id;
    for (const tensor of layer.inputs) {
      const from = nodeOf.get(tensor);
      // Constants come from no op; what a scope hands to itself is inside of it.
      if (from === undefined || from === to) continue;
      const id = `${from} → ${to}: ${tensor}`;
      const shape = shapes.get(tensor);
      edges.set(id, { id, from, to, tensor, shape: shape ? dimensions(shape) : '' });
    }
  }
  return {
    nodes: nodes.map((node) => {
      const layers = node.kind === 'scope' ? scopes.get(node.label)! : node.layers;
      return node.kind === 'scope' ? { ...node, layers, detail: `${layers.length} ops` } : node;
    }),
    edges: [...edges.values()],
  };
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
