import type { GraphBuilder } from '../../core/graph/build';
import type { TensorId } from '../../core/graph/graph';
import type { OpSink } from '../../core/graph/unroll';

/** Puts what is unrolled into a graph that is being built, each constant once. */
export function builderSink(builder: GraphBuilder): OpSink {
  const constants = new Map<string, TensorId>();
  return {
    op: (kind, inputs, attrs) => builder.op(kind, kind, inputs, attrs)[0],
    ops: (kind, inputs, attrs) => builder.op(kind, kind, inputs, attrs),
    shape: (id) => builder.shape(id),
    constant: (name, data, shape) => {
      const known = constants.get(name) ?? builder.constant(name, data, shape);
      constants.set(name, known);
      return known;
    },
  };
}
