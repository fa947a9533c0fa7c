/** Ops that pick, repeat or stack whole slices. */
import type { Pair } from '../../../graph/ops/attrs';
import { axisOf, int8Version, isInt8, positive, type OpRows } from './row';

/** MirrorPadMode of the schema. */
const MODES = ['reflect', 'symmetric'] as const;

export const INDEXING: OpRows<'gather' | 'tile' | 'pack' | 'unpack' | 'mirrorPad'> = {
  gather: {
    read: {
      GATHER: (op) => {
        const { axis, batchDims } = op.options('GatherOptions');
        if (batchDims !== 0) throw op.unsupported('indices that differ along batch dimensions');
        const x = op.input(0);
        return { attrs: { axis: axisOf(op, axis, x.shape.length) }, inputs: [x, op.input(1)] };
      },
    },
    write: (op, target) => ({
      builtin: 'GATHER',
      version: int8Version(op, target),
      options: { table: 'GatherOptions', fields: { axis: op.attrs.axis } },
      inputs: op.inputs,
    }),
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
          attrs: { axis: axisOf(op, op.options('PackOptions').axis, inputs[0]!.shape.length + 1) },
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
        const flat = op.ints(1);
        if (flat.length % 2 !== 0 || flat.some((p) => p < 0)) throw op.corrupt(`has paddings [${flat.join(', ')}]`);
        const paddings = Array.from({ length: flat.length / 2 }, (_, i): Pair => [flat[2 * i]!, flat[2 * i + 1]!]);
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
