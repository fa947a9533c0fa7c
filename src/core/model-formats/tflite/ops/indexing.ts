/** Ops that pick, repeat or stack whole slices. */
import { BATCH } from '../../../graph/graph';
import type { Op, Pair } from '../../../graph/ops/attrs';
import { axisOf, int8Version, isInt8, positive, type OpRows, type SourceOp, type Target, type WrittenOp } from './row';
import { pairwise } from './simple';

/** MirrorPadMode of the schema. */
const MODES = ['reflect', 'symmetric'] as const;

type Block = 'spaceToBatch' | 'batchToSpace';

export const INDEXING: OpRows<
  'gather' | 'gatherNd' | 'broadcastTo' | 'reverse' | 'tile' | 'pack' | 'unpack' | 'mirrorPad' | Block
> = {
  gather: {
    read: {
      GATHER: (op) => {
        const { axis, batchDims } = op.options('GatherOptions');
        if (batchDims !== 0) throw op.unsupported('indices that differ along batch dimensions');
        const x = op.input(0);
        return { attrs: { axis: axisOf(op, axis, x.shape.length) }, inputs: [x, op.input(1)] };
      },
      EMBEDDING_LOOKUP: (op) => ({ attrs: { axis: 0 }, inputs: [op.input(1), op.input(0)] }),
    },
    write: (op, target) => ({
      builtin: 'GATHER',
      version: int8Version(op, target),
      options: { table: 'GatherOptions', fields: { axis: op.attrs.axis } },
      inputs: op.inputs,
    }),
  },

  gatherNd: pairwise('GATHER_ND', 'GatherNdOptions', () => 1),

  broadcastTo: {
    read: {
      BROADCAST_TO: (op) => {
        const [x, shape] = [op.input(0), op.ints(1)];
        // A batch that the file fixed to 1 is open again where the input's is.
        const batched = x.shape.length === shape.length && x.shape[0] === BATCH && shape[0] === 1;
        return { attrs: { shape: batched ? shape.with(0, BATCH) : shape }, inputs: [x] };
      },
      FILL: (op) => ({ attrs: { shape: op.ints(0) }, inputs: [op.input(1)] }),
    },
    write: (op, target) => {
      const shape = Int32Array.from(target.fileShape(op.outputs[0]));
      return {
        builtin: 'BROADCAST_TO',
        version: isInt8(op, target) ? 3 : 2,
        options: { table: 'BroadcastToOptions', fields: {} },
        inputs: [op.inputs[0], target.constant(`${op.id}/shape`, 'int32', shape, [shape.length])],
      };
    },
  },

  reverse: {
    read: {
      REVERSE_V2: (op) => {
        const x = op.input(0);
        return { attrs: { axes: op.ints(1).map((axis) => axisOf(op, axis, x.shape.length)) }, inputs: [x] };
      },
    },
    write: (op, target) => {
      const axes = Int32Array.from(op.attrs.axes);
      return {
        builtin: 'REVERSE_V2',
        version: target.tensor(op.inputs[0]!).shape.length > 4 ? 3 : 1,
        options: { table: 'ReverseV2Options', fields: {} },
        inputs: [op.inputs[0], target.constant(`${op.id}/axes`, 'int32', axes, [axes.length])],
      };
    },
  },

  spaceToBatch: {
    read: {
      SPACE_TO_BATCH_ND: (op) => {
        const { block, edges } = blockOf(op);
        return { attrs: { block, paddings: edges }, inputs: [op.input(0)] };
      },
    },
    write: (op, target) => writeBlock('SPACE_TO_BATCH_ND', op, op.attrs.paddings, target),
  },
  batchToSpace: {
    read: {
      BATCH_TO_SPACE_ND: (op) => {
        const { block, edges } = blockOf(op);
        return { attrs: { block, crops: edges }, inputs: [op.input(0)] };
      },
    },
    write: (op, target) => writeBlock('BATCH_TO_SPACE_ND', op, op.attrs.crops, target),
  },

  tile: {
    read: {
      TILE: (op) => {
        const repeats = op.ints(1);
        positive(op, 'repeats', ...repeats);
        return { attrs: { repeats }, inputs: [op.input(0)] };
      },
    },
    write: (op, target) => {
      const repeats = Int32Array.from(op.attrs.repeats);
      return {
        builtin: 'TILE',
        version: isInt8(op, target) ? 3 : 1,
        options: { table: 'TileOptions', fields: {} },
        inputs: [op.inputs[0]!, target.constant(`${op.id}/repeats`, 'int32', repeats, [repeats.length])],
      };
    },
  },

  pack: {
    read: {
      PACK: (op) => {
        const inputs = Array.from({ length: op.inputCount }, (_, i) => op.input(i));
        if (inputs.length === 0) throw op.corrupt('has no inputs');
        return {
          attrs: { axis: axisOf(op, op.options('PackOptions').axis, inputs[0].shape.length + 1) },
          inputs,
        };
      },
    },
    write: (op, target) => ({
      builtin: 'PACK',
      version: int8Version(op, target),
      options: { table: 'PackOptions', fields: { valuesCount: op.inputs.length, axis: op.attrs.axis } },
      inputs: op.inputs,
    }),
  },

  unpack: {
    read: {
      UNPACK: (op) => {
        const x = op.input(0);
        return { attrs: { axis: axisOf(op, op.options('UnpackOptions').axis, x.shape.length) }, inputs: [x] };
      },
    },
    write: (op, target) => ({
      builtin: 'UNPACK',
      version: int8Version(op, target),
      options: { table: 'UnpackOptions', fields: { num: op.outputs.length, axis: op.attrs.axis } },
      inputs: op.inputs,
    }),
  },

  mirrorPad: {
    read: {
      MIRROR_PAD: (op) => {
        const paddings = pairsOf(op, 1);
        const mode = MODES[op.options('MirrorPadOptions').mode];
        if (!mode) throw op.corrupt('has an unknown mode');
        return { attrs: { paddings, mode }, inputs: [op.input(0)] };
      },
    },
    write: (op, target) => {
      const { paddings, mode } = op.attrs;
      const flat = Int32Array.from(paddings.flat());
      return {
        builtin: 'MIRROR_PAD',
        version: int8Version(op, target),
        options: { table: 'MirrorPadOptions', fields: { mode: MODES.indexOf(mode) } },
        inputs: [op.inputs[0]!, target.constant(`${op.id}/paddings`, 'int32', flat, [paddings.length, 2])],
      };
    },
  },
};

/** Values before and after each dimension. */
function pairsOf(op: SourceOp, index: number): Pair[] {
  const flat = op.ints(index);
  if (flat.length % 2 !== 0 || flat.some((p) => p < 0)) throw op.corrupt(`has paddings [${flat.join(', ')}]`);
  return Array.from({ length: flat.length / 2 }, (_, i): Pair => [flat[2 * i], flat[2 * i + 1]]);
}

function blockOf(op: SourceOp): { block: number[]; edges: Pair[] } {
  const block = op.ints(1);
  positive(op, 'block size', ...block);
  return { block, edges: pairsOf(op, 2) };
}

function writeBlock(builtin: string, op: Op<Block>, edges: readonly Pair[], target: Target): WrittenOp {
  const { block } = op.attrs;
  const flat = Int32Array.from(edges.flat());
  return {
    builtin,
    version: target.tensor(op.inputs[0]!).shape.length === 3 ? 3 : int8Version(op, target),
    options: { table: builtin === 'SPACE_TO_BATCH_ND' ? 'SpaceToBatchNDOptions' : 'BatchToSpaceNDOptions', fields: {} },
    inputs: [
      op.inputs[0],
      target.constant(`${op.id}/block`, 'int32', Int32Array.from(block), [block.length]),
      target.constant(`${op.id}/edges`, 'int32', flat, [block.length, 2]),
    ],
  };
}
