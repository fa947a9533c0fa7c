import { expect, it } from 'vitest';
import { GraphBuilder } from '../../../graph/build';
import { tensorOf, type Graph } from '../../../graph/graph';
import { withIntegerWeights } from '../../../exports/stored-weights';
import { Random } from '../../../../base/random';
import type { QuantPlan, WeightPlan } from '../../../quantize/plan';
import { DEFAULT_SETTINGS } from '../../../quantize/settings';
import { planWeights } from '../../../quantize/weight-plan';
import { readTflite } from '../read';
import { Decoder } from '../schema/decode';
import { writeTflite } from '../write';

const [STEPS, INPUTS, UNITS] = [3, 2, 4];

function network(): Graph {
  const random = new Random(6);
  const b = new GraphBuilder('lstm');
  const four = (name: string, shape: number[]) =>
    [0, 1, 2, 3].map((gate) => {
      const values = Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.uniform(-1, 1));
      return b.constant(`${name}_${gate}`, values, shape);
    });
  const x = b.input('x', [-1, STEPS, INPUTS]);
  const constants = [...four('w', [UNITS, INPUTS]), ...four('r', [UNITS, UNITS]), ...four('b', [UNITS])];
  return b.build([b.op('lstm', 'lstm', [x, ...constants], { cellClip: 10 })[0]]);
}

/** The only operator of a file, its version, and its tensors. */
function operatorOf(bytes: Uint8Array) {
  const model = new Decoder(bytes, 'file').root('Model');
  const [subgraph] = model.subgraphs!;
  return { version: model.operatorCodes![0].version, operator: subgraph.operators![0], tensors: subgraph.tensors! };
}

it('writes the state as variables of one sequence, and reads the op back', () => {
  const graph = network();
  const bytes = writeTflite(graph);
  const { version, operator, tensors } = operatorOf(bytes);
  const states = [18, 19].map((index) => tensors[operator.inputs![index]]);
  expect(states.map(({ isVariable, shape }) => [isVariable, [...shape!]])).toEqual([
    [true, [1, UNITS]],
    [true, [1, UNITS]],
  ]);
  expect(operator.inputs).toHaveLength(24);
  expect(operator.outputs).toHaveLength(1);
  expect(version).toBe(1);
  const again = readTflite(bytes, 'again.tflite');
  expect(again.ops).toMatchObject([{ kind: 'lstm', attrs: { cellClip: 10 } }]);
  again.ops[0].inputs.slice(1).forEach((id, i) => {
    expect(tensorOf(again, id!).data).toEqual(tensorOf(graph, graph.ops[0].inputs[i + 1]!).data);
  });
});

it('has the version of hybrid kernels where weights alone are integers', () => {
  const graph = network();
  const [op] = graph.ops;
  const weights = new Map<string, WeightPlan>(
    op.inputs.slice(1, 9).map((id) => [id!, planWeights(graph, op, id!, 0, DEFAULT_SETTINGS, 'tensor')]),
  );
  const plan: QuantPlan = { activations: {}, weights: Object.fromEntries(weights), keptFloat: [], notes: [] };
  const stored = withIntegerWeights(graph, plan, { direct: () => true, dtype: 'int8' });
  expect(operatorOf(writeTflite(stored)).version).toBe(2);
});
