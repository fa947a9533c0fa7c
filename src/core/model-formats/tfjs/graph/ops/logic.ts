/** Comparisons, choices, positions and orders. */
import type { OpKind } from '../../../../graph/ops/attrs';
import type { Call, OpTable, Translate } from '../call';

type Pairwise =
  | 'equal'
  | 'notEqual'
  | 'less'
  | 'lessEqual'
  | 'greater'
  | 'greaterEqual'
  | 'logicalAnd'
  | 'logicalOr'
  | 'floorDiv'
  | 'floorMod';
type Single = 'logicalNot' | 'sin' | 'cos' | 'floor' | 'ceil' | 'round' | 'sign';

const pairwise =
  (kind: OpKind & Pairwise): Translate =>
  (call) =>
    call.op<Pairwise>(kind, [call.tensor(0), call.tensor(1)], {});

const single =
  (kind: OpKind & Single): Translate =>
  (call) =>
    call.op<Single>(kind, [call.tensor(0)], {});

/** Position of the largest or smallest value; the attribute says the type of the positions. */
const position =
  (kind: 'argMax' | 'argMin'): Translate =>
  (call) => {
    const x = call.tensor(0);
    const to = call.node.type('output_type') === 'int64' ? 'int64' : 'int32';
    return call.op(kind, [x], { axis: call.axis(call.int(1), call.shape(x).length), to });
  };

const truth =
  (kind: 'reduceAny' | 'reduceAll' | 'reduceProd'): Translate =>
  (call) => {
    const x = call.tensor(0);
    const { length } = call.shape(x);
    const axes = call.ints(1).map((axis) => call.axis(axis, length));
    return call.op(kind, [x], { axes, keepDims: call.node.flag('keep_dims', false) });
  };

/** Select of the first release picks whole rows by a vector; only the broadcasting one is modelled. */
function select(call: Call): ReturnType<Translate> {
  const inputs = [0, 1, 2].map((i) => call.tensor(i));
  const ranks = inputs.map((id) => call.shape(id).length);
  if (call.node.op === 'Select' && ranks[0] === 1 && ranks[1] > 1)
    throw call.node.unsupported('rows picked by a vector');
  return call.op('select', inputs, {});
}

export const LOGIC: OpTable = {
  Equal: pairwise('equal'),
  NotEqual: pairwise('notEqual'),
  Less: pairwise('less'),
  LessEqual: pairwise('lessEqual'),
  Greater: pairwise('greater'),
  GreaterEqual: pairwise('greaterEqual'),
  LogicalAnd: pairwise('logicalAnd'),
  LogicalOr: pairwise('logicalOr'),
  LogicalNot: single('logicalNot'),
  FloorDiv: pairwise('floorDiv'),
  FloorMod: pairwise('floorMod'),
  Sin: single('sin'),
  Cos: single('cos'),
  Floor: single('floor'),
  Ceil: single('ceil'),
  Round: single('round'),
  Sign: single('sign'),
  Select: select,
  SelectV2: select,
  ArgMax: position('argMax'),
  ArgMin: position('argMin'),
  Any: truth('reduceAny'),
  All: truth('reduceAll'),
  Prod: truth('reduceProd'),
  TopKV2: (call) => call.all('topK', [call.tensor(0)], { k: call.int(1) }),
  GatherNd: (call) => call.op('gatherNd', [call.tensor(0), call.tensor(1)], {}),
  BroadcastTo: (call) => call.op('broadcastTo', [call.tensor(0)], { shape: call.ints(1) }),
  ReverseV2: (call) => {
    const x = call.tensor(0);
    const { length } = call.shape(x);
    return call.op('reverse', [x], { axes: call.ints(1).map((axis) => call.axis(axis, length)) });
  },
  Cumsum: (call) => {
    const x = call.tensor(0);
    return call.op('cumsum', [x], {
      axis: call.axis(call.int(1), call.shape(x).length),
      exclusive: call.node.flag('exclusive', false),
      reverse: call.node.flag('reverse', false),
    });
  },
};
