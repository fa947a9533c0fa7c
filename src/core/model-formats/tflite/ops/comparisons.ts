/** Comparisons, truth values, and what is chosen or ordered by them. */
import { dtypeOf, tensorType } from '../schema/enums';
import { axisOf, int8Version, positive, type OpRows, type SharedRow } from './row';
import { ofThree, pairwise, plain } from './simple';

type Comparison = 'equal' | 'notEqual' | 'less' | 'lessEqual' | 'greater' | 'greaterEqual';
type Logical = 'logicalAnd' | 'logicalOr' | 'logicalNot';
type Position = 'argMax' | 'argMin';

const first = (): number => 1;

export const COMPARISONS: OpRows<Comparison | Logical | Position | 'select' | 'topK' | 'cumsum'> = {
  equal: pairwise('EQUAL', 'EqualOptions', int8Version),
  notEqual: pairwise('NOT_EQUAL', 'NotEqualOptions', int8Version),
  less: pairwise('LESS', 'LessOptions', int8Version),
  lessEqual: pairwise('LESS_EQUAL', 'LessEqualOptions', int8Version),
  greater: pairwise('GREATER', 'GreaterOptions', int8Version),
  greaterEqual: pairwise('GREATER_EQUAL', 'GreaterEqualOptions', int8Version),
  logicalAnd: pairwise('LOGICAL_AND', 'LogicalAndOptions', first),
  logicalOr: pairwise('LOGICAL_OR', 'LogicalOrOptions', first),
  logicalNot: plain('LOGICAL_NOT', first, 'LogicalNotOptions'),

  select: {
    read: {
      ...ofThree<'select'>('SELECT_V2', 'SelectV2Options', first).read,
      SELECT: (op) => {
        const [condition, x, y] = [op.input(0), op.input(1), op.input(2)];
        // The older operator lets a vector choose whole rows.
        if (condition.shape.length === 1 && x.shape.length > 1) throw op.unsupported('a condition for each row');
        return { attrs: {}, inputs: [condition, x, y] };
      },
    },
    write: (op) => ({
      builtin: 'SELECT_V2',
      version: 1,
      options: { table: 'SelectV2Options', fields: {} },
      inputs: op.inputs,
    }),
  },

  argMax: position('ARG_MAX', 'ArgMaxOptions'),
  argMin: position('ARG_MIN', 'ArgMinOptions'),

  topK: {
    read: {
      TOPK_V2: (op) => {
        const [k] = op.ints(1);
        positive(op, 'a number of values', k ?? NaN);
        return { attrs: { k: k }, inputs: [op.input(0)] };
      },
    },
    write: (op, target) => ({
      builtin: 'TOPK_V2',
      version: int8Version(op, target),
      options: { table: 'TopKV2Options', fields: {} },
      inputs: [op.inputs[0], target.constant(`${op.id}/k`, 'int32', Int32Array.of(op.attrs.k), [])],
    }),
  },

  cumsum: {
    read: {
      CUMSUM: (op) => {
        const x = op.input(0);
        const { exclusive, reverse } = op.options('CumsumOptions');
        return { attrs: { axis: axisOf(op, op.ints(1)[0] ?? NaN, x.shape.length), exclusive, reverse }, inputs: [x] };
      },
    },
    write: (op, target) => {
      const { axis, exclusive, reverse } = op.attrs;
      return {
        builtin: 'CUMSUM',
        version: 1,
        options: { table: 'CumsumOptions', fields: { exclusive, reverse } },
        inputs: [op.inputs[0], target.constant(`${op.id}/axis`, 'int32', Int32Array.of(axis), [])],
      };
    },
  },
};

function position(builtin: string, table: 'ArgMaxOptions' | 'ArgMinOptions'): SharedRow<Position> {
  return {
    read: {
      [builtin]: (op) => {
        const x = op.input(0);
        const to = dtypeOf(op.options(table).outputType);
        if (to !== 'int32' && to !== 'int64') throw op.corrupt(`gives positions of type ${to}`);
        return { attrs: { axis: axisOf(op, op.ints(1)[0] ?? NaN, x.shape.length), to }, inputs: [x] };
      },
    },
    write: (op, target) => ({
      builtin,
      version: int8Version(op, target),
      options: { table, fields: { outputType: tensorType(op.attrs.to) } },
      inputs: [op.inputs[0], target.constant(`${op.id}/axis`, 'int32', Int32Array.of(op.attrs.axis), [])],
    }),
  };
}
