/** Trained weights kept in the browser, so that neither a reload nor a crash costs a training. Few, the newest stay. */
import { RangefinderError, toErrorInfo } from '../../base/errors';
import type { QatCheckpoint } from '../../core/training/checkpoint';
import type { KeptTraining } from '../slices/training';
import type { Vault } from './vault';

/** Loaded when there is something to keep or to read: schemas weigh more than all the rest here. */
const records = () => import('./record');

const KEPT_OF_A_MODEL = 4;
const KEPT_IN_ALL = 12;

/** A training has two entries, so that a list of them need not read weights. */
const summaryKey = (key: string) => `summary ${key}`;
const weightsKey = (key: string) => `weights ${key}`;
const isSummary = (entry: string) => entry.startsWith('summary ');
const keyOf = (entry: string) => entry.slice(entry.indexOf(' ') + 1);

export interface KeptList {
  readonly kept: readonly KeptTraining[];
  readonly unreadable: readonly string[];
}

export class KeptTrainings {
  constructor(private readonly vault: Vault) {}

  /** The same for all epochs of a run, which replace one another; the model comes first, to be found by. */
  static key({ model, data, trained }: Omit<KeptTraining, 'key'>): string {
    return `${model.fingerprint} ${trained.id.replace(/-\d+$/, '')} ${data.name}`;
  }

  /** Of a model, newest first. */
  async list(fingerprint: string): Promise<KeptList> {
    const { readable, unreadable } = await this.all();
    return {
      kept: readable.filter(({ model }) => model.fingerprint === fingerprint),
      unreadable: unreadable.filter((key) => key.startsWith(`${fingerprint} `)),
    };
  }

  /**
   * Keeps the weights, in place of those that the same training left before.
   * @throws RangefinderError 'too-large' where there is no room even without all others, 'runtime-failed' where the browser
   *   keeps nothing
   */
  async keep(record: KeptTraining, checkpoint: QatCheckpoint): Promise<void> {
    const { key } = record;
    const { writeCheckpoint, writeSummary } = await records();
    const entries = [
      [summaryKey(key), writeSummary(record)],
      [weightsKey(key), writeCheckpoint(checkpoint)],
    ] as const;
    try {
      const others = (await this.all()).readable.filter((other) => other.key !== key);
      await this.makeRoom(others, record);
      for (;;) {
        try {
          await this.vault.set(entries);
          return;
        } catch (thrown) {
          const oldest = others.pop();
          if (!isQuota(thrown) || !oldest) throw thrown;
          await this.forget(oldest.key);
        }
      }
    } catch (thrown) {
      throw refused(thrown);
    }
  }

  /** @throws RangefinderError 'corrupt-file', 'missing-file' */
  async weights(key: string): Promise<QatCheckpoint> {
    const [value] = await this.vault.get([weightsKey(key)]);
    if (value === undefined)
      throw new RangefinderError({
        code: 'missing-file',
        message: 'These trained weights are not kept any more.',
        hint: 'Another window may have deleted them, or the browser, to make room. Train again.',
      });
    const checkpoint = (await records()).readCheckpoint(value);
    if (checkpoint) return checkpoint;
    throw new RangefinderError({
      code: 'corrupt-file',
      message: 'These trained weights were kept by another version of Rangefinder and cannot be read.',
      hint: 'Delete them and train again.',
    });
  }

  async forget(key: string): Promise<void> {
    await this.vault.delete([summaryKey(key), weightsKey(key)]);
  }

  /** Drops the oldest of `others`, newest first, beyond what is kept beside `record`. */
  private async makeRoom(others: KeptTraining[], { model }: KeptTraining): Promise<void> {
    const ofModel = others.filter((other) => other.model.fingerprint === model.fingerprint);
    const surplus = [...new Set([...ofModel.slice(KEPT_OF_A_MODEL - 1), ...others.slice(KEPT_IN_ALL - 1)])];
    for (const old of surplus) {
      others.splice(others.indexOf(old), 1);
      await this.forget(old.key);
    }
  }

  private async all(): Promise<{ readable: KeptTraining[]; unreadable: string[] }> {
    const entries = (await this.vault.keys()).filter(isSummary);
    if (entries.length === 0) return { readable: [], unreadable: [] };
    const values = await this.vault.get(entries);
    const { readSummary } = await records();
    const readable: KeptTraining[] = [];
    const unreadable: string[] = [];
    entries.forEach((entry, i) => {
      const record = readSummary(keyOf(entry), values[i]);
      if (record) readable.push(record);
      else unreadable.push(keyOf(entry));
    });
    return { readable: readable.sort((a, b) => b.savedAt - a.savedAt), unreadable };
  }
}

function isQuota(thrown: unknown): boolean {
  return (thrown as { name?: unknown } | null)?.name === 'QuotaExceededError';
}

function refused(thrown: unknown): RangefinderError {
  if (isQuota(thrown))
    return new RangefinderError({
      code: 'too-large',
      message: 'The browser has no room left to keep the trained weights.',
      hint: 'They are in use and can be exported, but a reload loses them. Free some disk space, or clear other sites’ data.',
    });
  return new RangefinderError({
    code: 'runtime-failed',
    message: `This browser does not keep the trained weights: ${toErrorInfo(thrown).message}`,
    hint: 'They are in use and can be exported, but a reload loses them. Private windows often refuse storage.',
  });
}
