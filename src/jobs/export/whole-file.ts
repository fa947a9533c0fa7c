/** Between the file that was opened and the part of it that is computed: they differ where it holds opaque ops. */
import { tfliteSize, writeTflite, type WriteOptions } from '../../core/model-formats/tflite/write';
import { BATCH, tensorOf, type Graph } from '../../core/graph/graph';
import { isOpaque, rejoin, uncomputable } from '../../core/graph/partition';
import { prune } from '../../core/graph/passes/prune';
import type { KeptFloat } from '../../core/quantize/plan';

/**
 * The bytes of a file with everything in it that the source had.
 *
 * @param part what became of the source's computable part; the source itself where there is none
 */
export function writeWhole(part: Graph, source: Graph): Uint8Array<ArrayBuffer> {
  return writeTflite(...whole(part, source));
}

/** Their number. */
export function sizeOfWhole(part: Graph, source: Graph): number {
  return tfliteSize(...whole(part, source));
}

function whole(part: Graph, source: Graph): [Graph, WriteOptions] {
  if (part === source || !source.ops.some(isOpaque)) return [part, {}];
  // Passes made the part's batch symbolic; the rest has the one it came with.
  const fixed = source.inputs.every((id) => tensorOf(source, id).shape[0] !== BATCH);
  return [rejoin(part, source), fixed ? { fixedBatch: 1 } : {}];
}

/** Ops that stay as they are because nobody here can compute them, in words. */
export function keptAsTheyAre(source: Graph): KeptFloat[] {
  return [...uncomputable(source)].map(([op, cause]) => ({
    op: op.id,
    reason:
      op === cause
        ? `${cause.attrs.operator} is not computed here: ${cause.attrs.reason}`
        : `it follows ${cause.attrs.operator} "${cause.sourceName}", which is not computed here`,
  }));
}

/** What of an exported file can be computed: all that leads to the outputs of the part it was made from. */
export function partOfFile(file: Graph, part: Graph): Graph {
  if (!file.ops.some(isOpaque)) return file;
  const rest = uncomputable(file);
  const ops = file.ops.filter((op) => !rest.has(op));
  return prune({ ...file, ops, inputs: part.inputs, outputs: part.outputs });
}
