import { engine, getBackend, setBackend, type Tensor } from '@tensorflow/tfjs-core';
import type { TfjsBackend } from './backend';
import { viewSync } from './heap';

/**
 * A tfjs backend that computes beside the one that is set. tfjs knows one backend at a time, for all jobs: each stretch of
 * work that does not wait sets its own and puts the other one back.
 */
export class BackendScope {
  /** @param backend started before, see `initBackend` */
  constructor(readonly backend: TfjsBackend) {}

  /** The backend that is set. */
  static current(): BackendScope {
    return new BackendScope(getBackend() as TfjsBackend);
  }

  /** @param compute must not wait: what runs meanwhile would run here */
  run<T>(compute: () => T): T {
    const before = getBackend();
    if (before === this.backend) return compute();
    switchTo(this.backend);
    try {
      return compute();
    } finally {
      switchTo(before);
    }
  }

  /** A copy of a float32 tensor's values. */
  async read(x: Tensor): Promise<Float32Array> {
    if (this.backend === 'wasm') return this.run(() => viewSync(x).slice());
    return (await this.run(() => x.data())) as Float32Array;
  }
}

/** Without waiting: a backend that has started is there when this returns. */
function switchTo(backend: string): void {
  if (!(backend in engine().registry)) throw new Error(`the ${backend} backend has not started`);
  void setBackend(backend);
}
