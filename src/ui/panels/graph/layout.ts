/** Places of nodes and edges, worked out by ELK's layered algorithm in a worker of its own. */
import ELK, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk-api.js';
import elkWorker from 'elkjs/lib/elk-worker.min.js?url';
import type { Topology } from './topology';

export const NODE_WIDTH = 150;
export const NODE_HEIGHT = 40;

export interface Placed {
  readonly width: number;
  readonly height: number;
  /** Of a node's upper left corner. */
  readonly nodes: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  readonly edges: ReadonlyMap<string, readonly { readonly x: number; readonly y: number }[]>;
  /** That it took, in the worker and on the way. */
  readonly milliseconds: number;
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'POLYLINE',
  'elk.layered.spacing.nodeNodeBetweenLayers': '26',
  'elk.spacing.nodeNode': '22',
  // The order of the file is the order people know.
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.thoroughness': '3',
} as const;

export class Layouter {
  private readonly worker = new Worker(elkWorker);
  private readonly elk = new ELK({ workerFactory: () => this.worker });

  async place({ nodes, edges }: Topology): Promise<Placed> {
    const started = performance.now();
    const graph: ElkNode = await this.elk.layout<ElkNode>({
      id: 'root',
      layoutOptions: OPTIONS,
      children: nodes.map(({ id }) => ({ id, width: NODE_WIDTH, height: NODE_HEIGHT })),
      edges: edges.map(({ id, from, to }): ElkExtendedEdge => ({ id, sources: [from], targets: [to] })),
    });
    return {
      width: graph.width ?? 0,
      height: graph.height ?? 0,
      nodes: new Map((graph.children ?? []).map(({ id, x = 0, y = 0 }) => [id, { x, y }])),
      edges: new Map(
        (graph.edges ?? []).map(({ id, sections = [] }) => [
          id,
          sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]),
        ]),
      ),
      milliseconds: performance.now() - started,
    };
  }

  dispose(): void {
    this.worker.terminate();
  }
}
