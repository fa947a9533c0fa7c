import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../../base/random';
import { GraphBuilder } from '../../../../core/graph/build';
import { tensorOf } from '../../../../core/graph/graph';
import { runNaive } from '../../../../testing/oracles/naive-float';
import { drawnCase, ruleGradients, RULE_KINDS, type RuleCase } from '../../../../testing/oracles/rule-gradients';
import { initBackend } from '../../backend';
import { nodeHost } from '../../node-host';
import { BackendScope } from '../../backend-scope';

const ROUNDS = 16;
/** Values looked at in each array. */
const PROBES = 4;
const STEP = 2 ** -7;

/** By the naive interpreter, in float64 from its outputs on. */
function loss({ graph, inputs, size, weights }: RuleCase): number {
  const outputs = runNaive(graph, inputs, size);
  let sum = 0;
  for (const [id, weight] of weights) {
    const values = outputs.get(id)!.data;
    for (let i = 0; i < weight.length; i++) sum += weight[i] * values[i];
  }
  return sum;
}

describe.each(['wasm', 'cpu'] as const)('gradient rules on %s', (backend) => {
  beforeAll(async () => {
    await initBackend(nodeHost(), backend);
  });

  it.each(RULE_KINDS)('%s: as finite differences of the naive interpreter', async (kind) => {
    const before = memory().numTensors;
    let compared = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const scene = drawnCase(kind, round);
      const random = new Random(round, 3);
      for (const [id, gradient] of await ruleGradients(scene)) {
        const values = scene.inputs.get(id) ?? (tensorOf(scene.graph, id).data as Float32Array);
        const size = gradient.reduce((largest, g) => Math.max(largest, Math.abs(g)), 0.1);
        for (let probe = 0; probe < PROBES; probe++) {
          const at = random.integer(values.length);
          const [here, middle] = [values[at], loss(scene)];
          values[at] = here + STEP;
          const up = (loss(scene) - middle) / STEP;
          values[at] = here - STEP;
          const down = (middle - loss(scene)) / STEP;
          values[at] = here;
          // Where the sides differ there is a kink, or the curve is too strong for the step.
          const bend = Math.abs(up - down) / size;
          if (bend > 0.03) continue;
          compared++;
          const what = `round ${round}, ${id}[${at}]: ${JSON.stringify(scene.graph.ops.at(-1))}`;
          expect(Math.abs(gradient[at] - (up + down) / 2) / size, what).toBeLessThan(0.03 + bend);
        }
      }
    }
    expect(compared).toBeGreaterThan(ROUNDS);
    expect(memory().numTensors).toBe(before);
  });
});

describe('gradient rules on wasm', () => {
  beforeAll(async () => {
    await initBackend(nodeHost(), 'cpu');
    await initBackend(nodeHost());
  });

  it.each(RULE_KINDS)('%s: as on cpu', async (kind) => {
    for (let round = 0; round < ROUNDS; round++) {
      const scene = drawnCase(kind, round);
      const [actual, expected] = [await ruleGradients(scene), await ruleGradients(scene, new BackendScope('cpu'))];
      for (const [id, gradient] of expected) {
        const size = gradient.reduce((largest, g) => Math.max(largest, Math.abs(g)), 0.1);
        const off = gradient.reduce((most, g, i) => Math.max(most, Math.abs(g - actual.get(id)![i])), 0);
        expect(off / size, `round ${round}, ${id}`).toBeLessThan(1e-4);
      }
    }
  });
});

describe('gradient rules at poles', () => {
  it.each(['wasm', 'cpu'] as const)('are zero on %s, and elsewhere what they always were', async (backend) => {
    await initBackend(nodeHost(), backend);
    const before = memory().numTensors;
    const inputs = new Map([['x', Float32Array.of(0, 4)]]);
    const weights = new Map([['y', Float32Array.of(1, 1)]]);
    const slopes = async (kind: 'rsqrt' | 'sqrt' | 'log') => {
      const b = new GraphBuilder(kind);
      const graph = b.build(b.op(kind, 'y', [b.input('x', [-1, 2])], {}));
      return [...(await ruleGradients({ graph, size: 1, inputs, weights }, new BackendScope(backend))).get('x')!];
    };
    for (const [kind, slope] of [
      ['rsqrt', -1 / 16],
      ['sqrt', 1 / 4],
      ['log', 1 / 4],
    ] as const) {
      // prettier-ignore
      const [atPole, elsewhere] = await slopes(kind);
      expect(Math.abs(atPole), kind).toBe(0);
      expect(elsewhere, kind).toBeCloseTo(slope, 6);
    }
    expect(memory().numTensors).toBe(before);
  });
});
