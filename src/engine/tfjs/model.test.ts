import { memory } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RangefinderError } from '../../base/errors';
import { GraphBuilder } from '../../core/graph/build';
import { initBackend } from './backend';
import { TfjsModel } from './model';
import { nodeHost } from './node-host';

describe('TfjsModel', () => {
  let tensors = 0;
  beforeAll(async () => expect(await initBackend(nodeHost())).toBe('wasm'));
  beforeEach(() => {
    tensors = memory().numTensors;
  });
  afterEach(() => expect(memory().numTensors).toBe(tensors));

  /** x → double → {split into a, b; unused} and x + 1 */
  function branching() {
    const b = new GraphBuilder('branching');
    const x = b.input('x', [-1, 4]);
    const [double] = b.op('mul', 'double', [x, b.constant('two', [2], [])], {});
    const [a, rest] = b.op('split', 'halves', [double], { axis: 1, sizes: [1, 3] });
    const [plus] = b.op('add', 'plus', [x, b.constant('one', [1], [])], {});
    return { graph: b.build([a, plus]), double, a, rest, plus };
  }
  const batch = { size: 2, inputs: new Map([['x', Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)]]) };

  it('runs what leads to the tensors wanted and nothing else', async () => {
    const { graph, double, a, plus } = branching();
    const model = TfjsModel.load(graph);
    const results = await model.run(batch, [a, double, 'x']);
    expect(results.get(a)).toEqual({ shape: [2, 1], data: Float32Array.of(2, 10) });
    expect(results.get(double)!.data).toEqual(Float32Array.of(2, 4, 6, 8, 10, 12, 14, 16));
    expect(results.get('x')!.data).toEqual(batch.inputs.get('x'));
    const { inputs } = batch;
    expect((await model.run({ size: 2, inputs }, [plus])).get(plus)!.data[7]).toBe(9);
    model.dispose();
  });

  it('shows tensors in the order they are computed, without keeping them', async () => {
    const { graph, double, a, rest, plus } = branching();
    const model = TfjsModel.load(graph);
    const seen: string[] = [];
    const live: number[] = [];
    await model.visit(batch, [plus, rest, a, double], (id) => {
      seen.push(id);
      live.push(memory().numTensors - tensors - 2);
    });
    expect(seen).toEqual([double, a, rest, plus]);
    expect(Math.max(...live)).toBeLessThanOrEqual(4);
    model.dispose();
  });

  it('frees everything when a visitor throws', async () => {
    const { graph, double } = branching();
    const model = TfjsModel.load(graph);
    const stop = () => {
      throw new Error('stop');
    };
    await expect(model.visit(batch, [double], stop)).rejects.toThrow('stop');
    model.dispose();
  });

  it('refuses inputs that are missing or of the wrong size', async () => {
    const { graph, plus } = branching();
    const model = TfjsModel.load(graph);
    const reject = async (inputs: Map<string, Float32Array>, message: RegExp) => {
      const error = await model.run({ size: 2, inputs }, [plus]).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RangefinderError);
      expect(error).toMatchObject({ code: 'invalid-data', where: 'x', message: expect.stringMatching(message) });
    };
    await reject(new Map(), /given no values/);
    await reject(new Map([['x', new Float32Array(7)]]), /takes 2×4 values, 7 were given/);
    model.dispose();
  });

  it('says which op failed when tfjs refuses it', async () => {
    const b = new GraphBuilder('refused');
    const x = b.input('x', [-1, 2, 2, 1]);
    const attrs = { size: [4, 4], alignCorners: true, halfPixelCenters: true } as const;
    const y = b.op('resizeBilinear', 'up', [x], attrs, { sourceName: 'decoder/up' });
    const model = TfjsModel.load(b.build(y));
    await expect(model.run({ size: 1, inputs: new Map([['x', new Float32Array(4)]]) }, y)).rejects.toMatchObject({
      code: 'runtime-failed',
      where: 'decoder/up',
    });
    model.dispose();
  });
});

describe('initBackend', () => {
  it('says why a backend does not start', async () => {
    await expect(initBackend(nodeHost(), 'webgpu')).rejects.toMatchObject({ code: 'runtime-failed', where: 'webgpu' });
  });
});
