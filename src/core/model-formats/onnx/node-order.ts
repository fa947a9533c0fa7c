/** Which nodes are needed, and in what order they can be computed: writers of files need not sort them. */
import { RangefinderError } from '../../../base/errors';
import { decodeMessage } from './proto/decode';
import type { Message } from './proto/schema';

/** Branches within branches; exporters write two or three. */
export const DEEPEST_BRANCH = 16;

/** Names a node reads, in the graphs within it, too. */
export function namesRead({ input, attribute }: Message<'NodeProto'>, depth = 0): string[] {
  const names = [...input];
  if (depth > DEEPEST_BRANCH) return names;
  for (const { g } of attribute) {
    if (!g) continue;
    const { node, output } = decodeMessage(g, 'GraphProto', '');
    names.push(...output.map(({ name }) => name ?? ''), ...node.flatMap((inner) => namesRead(inner, depth + 1)));
  }
  return names;
}

/**
 * The nodes some of these names depend on, each behind those that it reads from, otherwise in the file's order.
 * @throws RangefinderError 'corrupt-file' where nodes wait for each other
 */
export function orderedNodes(
  nodes: readonly Message<'NodeProto'>[],
  names: readonly string[],
  fileName: string,
): Message<'NodeProto'>[] {
  const writers = new Map<string, number>();
  nodes.forEach(({ output }, at) => {
    for (const name of output) if (name !== '' && !writers.has(name)) writers.set(name, at);
  });
  const sources = new Map<number, number[]>();
  const sourcesOf = (at: number): number[] => {
    let known = sources.get(at);
    if (!known) {
      const own = new Set(namesRead(nodes[at]).flatMap((name) => writers.get(name) ?? []));
      // What a branch computes for itself under a name that its own node writes is nothing to wait for.
      own.delete(at);
      known = [...own].sort((a, b) => a - b);
      sources.set(at, known);
    }
    return known;
  };
  const needed = new Set(names.flatMap((name) => writers.get(name) ?? []));
  for (const at of needed) for (const source of sourcesOf(at)) needed.add(source);

  const ordered: Message<'NodeProto'>[] = [];
  const state = new Map<number, 'open' | 'done'>();
  for (const start of [...needed].sort((a, b) => a - b)) {
    const stack = [start];
    while (stack.length > 0) {
      const at = stack.at(-1)!;
      if (state.get(at) === 'done') {
        stack.pop();
        continue;
      }
      state.set(at, 'open');
      const waiting = sourcesOf(at).filter((source) => state.get(source) !== 'done');
      if (waiting.some((source) => state.get(source) === 'open')) throw circular(nodes[at], fileName);
      if (waiting.length > 0) stack.push(...waiting.reverse());
      else {
        state.set(at, 'done');
        ordered.push(nodes[at]);
        stack.pop();
      }
    }
  }
  return ordered;
}

function circular(node: Message<'NodeProto'>, fileName: string): RangefinderError {
  const name = node.name || node.output.find((output) => output !== '') || '';
  return new RangefinderError({
    code: 'corrupt-file',
    message: `This ONNX file is damaged: ${node.opType ?? 'a node'} "${name}" waits for its own result.`,
    where: `${fileName}, ${name}`,
    hint: 'Download or export the file again.',
  });
}
