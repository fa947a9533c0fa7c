import type { QatCheckpoint } from '../../core/training/checkpoint';

/** Trained weights by name. What was worked out of weights is forgotten when others take their name. */
export class Trainings extends Map<string, QatCheckpoint> {
  constructor(private readonly onReplaced: (id: string) => void) {
    super();
  }

  override set(id: string, checkpoint: QatCheckpoint): this {
    const before = this.get(id);
    super.set(id, checkpoint);
    if (before !== undefined && before !== checkpoint) this.onReplaced(id);
    return this;
  }

  override delete(id: string): boolean {
    const was = super.delete(id);
    if (was) this.onReplaced(id);
    return was;
  }
}
