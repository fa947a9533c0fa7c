import { engine, memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host';
import { Random } from '../../base/random';
import { planQuantization } from '../../core/quantize/resolve';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { crossEntropy } from '../../core/training/losses';
import { initBackend } from '../../engine/tfjs/backend';
import type { BackendScope } from '../../engine/tfjs/backend-scope';
import { Trainer } from '../../engine/tfjs/training/trainer';
import { calibratedOn, tinyNetwork, tinyTask } from '../../testing/builders/tiny-training';
import type { Objective } from './objective';
import { choosePlace, type Trial } from './training-backend';
import { StudioSession } from '../session/studio-session';

describe('where training runs', () => {
  const session = new StudioSession(nodeHost());
  let trial: Trial;
  let made: string[] = [];

  beforeAll(async () => {
    await initBackend(nodeHost().tfjs);
    const random = new Random(5);
    const graph = tinyNetwork(random);
    const { batch, labels } = tinyTask(random);
    const plan = planQuantization(graph, await calibratedOn(graph, batch), DEFAULT_SETTINGS);
    const settings = { optimizer: 'adam', ranges: 'learned', weightDecay: 0 } as const;
    trial = {
      trainerAt: (scope: BackendScope) => {
        made.push(scope.backend);
        return Trainer.create(graph, plan, 'logits', settings, { scope });
      },
      labeledBatch: () => Promise.resolve({ batch, taught: null, samples: Uint32Array.from(labels, (_, i) => i) }),
      objective: { loss: (z: Float32Array) => crossEntropy(z, labels) } as unknown as Objective,
    };
  });

  it('is wasm where there is no GPU, without a trial', async () => {
    made = [];
    expect(await choosePlace(session, 'auto', trial)).toMatchObject({ scope: { backend: 'wasm' }, note: null });
    expect(await choosePlace(session, 'wasm', trial)).toMatchObject({ scope: { backend: 'wasm' }, note: null });
    expect(made).toEqual([]);
  });

  it('is the backend that takes steps in the shortest time, and says what each took', async () => {
    const before = memory().numTensors;
    made = [];
    const slow = { ...trial, gpus: () => Promise.resolve(['cpu'] as const) };
    const { scope, note } = await choosePlace(session, 'auto', slow);
    expect(made).toEqual(['wasm', 'cpu']);
    expect(['wasm', 'cpu']).toContain(scope.backend);
    expect(note).toMatch(/^Trained on .+: a step takes WebAssembly \d+ ms, plain JavaScript \d+ ms\.$/);
    expect(engine().backendName).toBe('wasm');
    expect(memory().numTensors).toBe(before);
  });

  it('goes without a GPU that cannot run the model', async () => {
    const before = memory().numTensors;
    const broken: Trial = {
      ...trial,
      gpus: () => Promise.resolve(['cpu'] as const),
      trainerAt: (scope) => {
        if (scope.backend === 'cpu') throw new Error('no such shader');
        return trial.trainerAt(scope);
      },
    };
    const { scope, note } = await choosePlace(session, 'auto', broken);
    expect(scope.backend).toBe('wasm');
    expect(note).toContain('plain JavaScript could not run it.');
    expect(memory().numTensors).toBe(before);
  });

  it('refuses a backend that is asked for and not there', async () => {
    await expect(choosePlace(session, 'webgpu', trial)).rejects.toMatchObject({ code: 'runtime-failed' });
    expect(engine().backendName).toBe('wasm');
  });
});
