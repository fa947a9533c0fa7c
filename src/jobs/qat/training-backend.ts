/** Where training runs: the backend that takes this model's steps in the shortest time, found out by taking some. */
import { RangefinderError } from '../../base/errors';
import type { QatSettings } from '../../core/training/settings';
import type { TfjsBackend } from '../../engine/tfjs/backend';
import { startSecondaryBackend } from '../../engine/tfjs/backend';
import { gpuBackends } from '../../engine/tfjs/gpu';
import { BackendScope } from '../../engine/tfjs/backend-scope';
import type { Trainer } from '../../engine/tfjs/training/trainer';
import type { LabeledBatch } from './batches';
import type { Objective } from './objective';
import type { Session } from '../session/session';

/** Steps of each backend: the first compile shaders and warm caches. */
const WARM_UP = 2;
const TIMED = 3;

export interface ChosenPlace {
  readonly scope: BackendScope;
  /** How it was chosen, where there was a choice. */
  readonly note: string | null;
}

const LABELS: Readonly<Record<TfjsBackend, string>> = {
  wasm: 'WebAssembly',
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  cpu: 'plain JavaScript',
};

export interface Trial {
  /** Makes a trainer that is thrown away. */
  readonly trainerAt: (scope: BackendScope) => Trainer;
  /** One batch of the training. */
  readonly labeledBatch: () => Promise<LabeledBatch & { readonly samples: Uint32Array }>;
  readonly objective: Objective;
  /** Awaited after each step; throws to stop. */
  readonly pause?: () => Promise<void>;
  /** Backends to be tried besides wasm. */
  readonly gpus?: () => Promise<readonly TfjsBackend[]>;
}

/** @throws RangefinderError 'runtime-failed' where the backend that the settings ask for does not start */
export async function choosePlace(
  session: Session,
  backend: QatSettings['backend'],
  { trainerAt, labeledBatch, objective, pause, gpus = gpuBackends }: Trial,
): Promise<ChosenPlace> {
  const { tfjs } = session.host;
  const home = new BackendScope('wasm');
  if (backend === 'wasm') return { scope: home, note: null };
  if (backend !== 'auto') {
    await startSecondaryBackend(tfjs, backend);
    return { scope: new BackendScope(backend), note: null };
  }
  const others = await gpus();
  if (others.length === 0) return { scope: home, note: null };
  const { batch, taught, samples } = await labeledBatch();
  const tried: { scope: BackendScope; milliseconds: number }[] = [];
  const failed: string[] = [];
  for (const name of ['wasm', ...others] as const) {
    try {
      if (name !== 'wasm') await startSecondaryBackend(tfjs, name);
      const scope = new BackendScope(name);
      const trainer = trainerAt(scope);
      try {
        const times: number[] = [];
        for (let i = 0; i < WARM_UP + TIMED; i++) {
          const started = performance.now();
          await trainer.step(batch, (outputs) => objective.loss(outputs, samples, taught), { weights: 0, ranges: 0 });
          times.push(performance.now() - started);
          await pause?.();
        }
        tried.push({ scope, milliseconds: Math.min(...times.slice(WARM_UP)) });
      } finally {
        trainer.dispose();
      }
    } catch (cause) {
      if (name === 'wasm' || isCancelled(cause)) throw cause;
      failed.push(LABELS[name]); // a driver that lacks something; training goes on without it
    }
  }
  const best = tried.reduce((a, b) => (b.milliseconds < a.milliseconds ? b : a));
  const figures = tried.map(({ scope, milliseconds }) => `${LABELS[scope.backend]} ${Math.round(milliseconds)} ms`);
  const refused = failed.length > 0 ? ` ${failed.join(' and ')} could not run it.` : '';
  return {
    scope: best.scope,
    note: `Trained on ${LABELS[best.scope.backend]}: a step takes ${figures.join(', ')}.${refused}`,
  };
}

function isCancelled(thrown: unknown): boolean {
  return thrown instanceof RangefinderError && thrown.code === 'cancelled';
}
