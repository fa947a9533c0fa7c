/**
 * What becomes of every model among the fixtures when it is opened: facts of its graph, or the exact words of its refusal.
 * `npx tsx scripts/fixture-table.ts` writes the table anew; a change of it is read like a change of code.
 */
import { readFileSync } from 'node:fs';
import { readModel } from '../core/formats/read-model';
import { toErrorInfo } from '../core/errors';
import { tensorOf, type Graph, type TensorId } from '../core/graph/graph';
import { isOpaque } from '../core/graph/partition';
import { parameterCount } from '../core/graph/summary';
import { isQuantized } from '../jobs/model-view';
import type { ModelFixture } from './model-fixtures';

export const TABLE = new URL('fixture-table.tsv', import.meta.url);
export const HEADER = 'file\topens as\tops\tinputs\toutputs\tparameters\tremarks';

/** File → the rest of its row. */
export function recordedFacts(): Map<string, string> {
  const [, ...rows] = readFileSync(TABLE, 'utf8').replace(/\n$/, '').split('\n');
  return new Map(rows.map((row) => [row.slice(0, row.indexOf('\t')), row.slice(row.indexOf('\t') + 1)]));
}

/** The columns behind the file's name. */
export async function factsOf({ files }: ModelFixture): Promise<string> {
  try {
    return factsOfGraph(await readModel(files())).join('\t');
  } catch (thrown) {
    const { code, message, details = [] } = toErrorInfo(thrown);
    return ['', '', '', '', '', [`${code}: ${message}`, ...details.slice(0, 8)].join(' | ')]
      .join('\t')
      .replaceAll('\n', ' ');
  }
}

function factsOfGraph(graph: Graph): string[] {
  const { format, notes } = graph.provenance;
  const operators = graph.ops.filter(isOpaque).map(({ attrs }) => attrs.operator);
  const kinds = new Map<string, number>();
  for (const { kind } of graph.ops) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const tensors = (ids: readonly TensorId[]) => ids.map((id) => describe(graph, id)).join('; ');
  return [
    isQuantized(graph) ? `${format}, quantized` : format,
    `${graph.ops.length}: ${[...kinds].map(([kind, count]) => (count > 1 ? `${kind} ${count}` : kind)).join(', ')}`,
    tensors(graph.inputs),
    tensors(graph.outputs),
    String(parameterCount(graph)),
    [...(operators.length > 0 ? [`not computed: ${operators.join(', ')}`] : []), ...notes].join(' | '),
  ].map((text) => text.replace(/[\t\n]/g, ' '));
}

function describe(graph: Graph, id: TensorId): string {
  const { dtype, shape } = tensorOf(graph, id);
  return `${id} ${dtype}[${shape.join('×').replace(/^-1/, 'N')}]`;
}
