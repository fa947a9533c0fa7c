/**
 * Values by node as Model Explorer reads and writes them (google-ai-edge/model-explorer, "custom node data"): by graph, a table
 * from a node's id, or the name of a tensor it writes, to its value.
 */
import { z } from '../../../base/zod';
import { RangefinderError } from '../../../base/errors';
import type { LayerView } from '../../../jobs/contract/protocol';

const value = z.object({ value: z.union([z.number(), z.string()]) });
const graph = z.object({ results: z.record(z.string(), z.union([value, z.number()])) });
const file = z.union([z.record(z.string(), graph), graph]);

const MAX_BYTES = 32 * 2 ** 20;

export function nodeData(model: string, values: ReadonlyMap<string, number>): string {
  const results = Object.fromEntries([...values].map(([id, number]) => [id, { value: number }]));
  const gradient = [
    { stop: 0, bgColor: '#0b7048' },
    { stop: 1, bgColor: '#b1241c' },
  ];
  return JSON.stringify({ [model]: { results, gradient } }, null, 1);
}

/**
 * Values by the op's id; nodes that the model does not have are passed over.
 * @throws RangefinderError 'corrupt-file' for what is no such file, 'invalid-data' where none of its nodes is in the model
 */
export function readNodeData(text: string, layers: readonly LayerView[], where: string): ReadonlyMap<string, number> {
  const refuse = (code: 'corrupt-file' | 'invalid-data', message: string, hint: string) =>
    new RangefinderError({ code, message, where, hint });
  if (text.length > MAX_BYTES)
    throw refuse('corrupt-file', 'The node data is larger than any model.', 'Choose another file.');
  let parsed: z.infer<typeof file>;
  try {
    parsed = file.parse(JSON.parse(text));
  } catch {
    throw refuse(
      'corrupt-file',
      'This is no node data of Model Explorer.',
      'It is JSON with a table "results" by node.',
    );
  }
  const tables = isOne(parsed) ? [parsed] : Object.values(parsed);
  const byName = new Map<string, string>();
  for (const { id, name, output } of layers) for (const key of [id, name, output.id]) byName.set(key, id);
  const values = new Map<string, number>();
  for (const { results } of tables)
    for (const [node, entry] of Object.entries(results)) {
      const id = byName.get(node);
      const number = Number(typeof entry === 'number' ? entry : entry.value);
      if (id !== undefined && Number.isFinite(number)) values.set(id, number);
    }
  if (values.size === 0)
    throw refuse(
      'invalid-data',
      'None of its nodes is in this model.',
      'Nodes are named as layers or their tensors are.',
    );
  return values;
}

function isOne(parsed: z.infer<typeof file>): parsed is z.infer<typeof graph> {
  return 'results' in parsed && 'results' in (parsed as object) && !('results' in (parsed.results as object));
}
