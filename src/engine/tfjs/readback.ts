import { concat, keep, reshape, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { onWasm, viewSync } from './heap';

/** Sees values that are gone when it returns. */
type Use = (values: Float32Array) => void;

/** Values that a step needs at its end: at once where they lie in memory, in one download where they lie on a GPU. */
export class Readback {
  private pending: { readonly tensor: Tensor; readonly use: Use }[] = [];

  /** Takes the tensor over, out of any tidy. */
  later(tensor: Tensor, use: Use): void {
    if (!onWasm()) {
      this.pending.push({ tensor: keep(tensor), use });
      return;
    }
    use(viewSync(tensor));
    tensor.dispose();
  }

  /** Starts the download of all that is pending; called on the backend that computed it. */
  async flush(): Promise<void> {
    const { pending } = this;
    if (pending.length === 0) return;
    this.pending = [];
    const all = tidy(() => concat(pending.map(({ tensor }) => reshape(tensor, [tensor.size]))));
    for (const { tensor } of pending) tensor.dispose();
    try {
      const values = (await all.data()) as Float32Array;
      let at = 0;
      for (const { tensor, use } of pending) use(values.subarray(at, (at += tensor.size)));
    } finally {
      all.dispose();
    }
  }

  dispose(): void {
    for (const { tensor } of this.pending) tensor.dispose();
    this.pending = [];
  }
}
