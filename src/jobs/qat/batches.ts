import type { Random } from '../../base/random';
import { tensorOf, type Graph } from '../../core/graph/graph';
import { augment, type Augmentation } from '../../core/training/augment';
import type { Batch } from '../../engine/types';
import type { Teacher } from './objective';
import { readBatch, type SampleReader } from '../session/samples';

/** A batch, and what the float model says to it where that is asked for. */
export interface LabeledBatch {
  readonly batch: Batch;
  readonly taught: Float32Array | null;
}

/** Reads batches of training samples, changed a little where the settings say so. */
export class Batches {
  constructor(
    private readonly reader: SampleReader,
    private readonly graph: Graph,
    private readonly teacher: Teacher | null,
    private readonly augmentation: Augmentation,
    private readonly random: Random,
  ) {}

  /** To train on. */
  changed(samples: Uint32Array): Promise<LabeledBatch> {
    const { flip, shift } = this.augmentation;
    return this.read(samples, flip || shift > 0);
  }

  /** As it is. */
  plain(samples: Uint32Array): Promise<LabeledBatch> {
    return this.read(samples, false);
  }

  private async read(samples: Uint32Array, changed: boolean): Promise<LabeledBatch> {
    const asRead = await readBatch(this.reader, this.graph, samples);
    const batch = changed ? this.augmented(asRead) : asRead;
    return { batch, taught: this.teacher ? await this.teacher.ask(batch, samples, changed) : null };
  }

  private augmented(batch: Batch): Batch {
    const inputs = new Map(batch.inputs);
    for (const [id, values] of inputs) {
      const [, ...shape] = tensorOf(this.graph, id).shape;
      if (shape.length !== 3) continue;
      const size = values.length / batch.size;
      const out = new Float32Array(values.length);
      for (let n = 0; n < batch.size; n++) {
        const part = [n * size, (n + 1) * size] as const;
        const image = shape as [number, number, number];
        augment(values.subarray(...part), image, this.augmentation, this.random, out.subarray(...part));
      }
      inputs.set(id, out);
    }
    return { ...batch, inputs };
  }
}
