/**
 * Keeps the work in the browser as it goes, so that neither a reload nor a crash costs it: choices with their history, runs,
 * and copies of the files. Trained weights are kept where they were trained. Every page keeps its own; what a page that is
 * gone has left is offered, never taken up unasked.
 */
import { RangefinderError, toErrorInfo } from '../../base/errors';
import type { Vault } from '../kept/vault';
import type { Opened } from '../opening/opener';
import type { StudioState, StudioStore } from '../store';
import { patch } from '../store';
import { manifestOf } from './manifest-of';
import type { Projects } from './projects';

/** Tells which pages are still there: a lock is let go when its page is closed or dies. */
export interface PageLocks {
  /** Holds a lock of this name for as long as the page lives. */
  hold(name: string): void;
  held(): Promise<ReadonlySet<string>>;
}

interface Hosts {
  readonly vault: Vault;
  readonly locks: PageLocks;
  readonly projects: Projects;
  readonly opened: () => Opened;
  readonly restoreTraining: (id: string) => Promise<void>;
  /** Bytes stored by this origin; null where the browser does not tell. */
  readonly storedBytes: () => Promise<number | null>;
}

/** Loaded when something is left to be read: schemas weigh more than all the rest here. */
const manifests = () => import('../../core/project/manifest');

/** After the last change. */
const PAUSE_MS = 800;
/** Copies of more than this are a disk's work, not a tab's: such files have to be opened again. */
const MOST_BYTES = 512 * 2 ** 20;
/** Works of pages that are gone: the newest is offered, a few more are kept in case. */
const KEPT = 3;

const workKey = (page: string) => `work ${page}`;
const filesKey = (page: string) => `files ${page}`;
const pageOf = (key: string) => key.slice(key.indexOf(' ') + 1);

export class Autosave {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saving: Promise<void> = Promise.resolve();
  private savedFiles: Opened | null = null;
  private stopped = false;

  constructor(
    private readonly store: StudioStore,
    /** Names this page among those that keep their work. */
    private readonly page: string,
    private readonly hosts: Hosts,
  ) {}

  /** Offers what is left of a page that is gone, and keeps this page's work from here on. */
  async start(): Promise<void> {
    this.hosts.locks.hold(workKey(this.page));
    this.store.subscribe((state, before) => {
      if (state.choices === before.choices && state.runs === before.runs && state.data.view === before.data.view)
        return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.save(), PAUSE_MS);
    });
    await this.offer().catch((thrown: unknown) => this.failed(thrown));
  }

  /** Writes what there is to keep now; of a sample that nobody changed there is nothing. */
  async save(): Promise<void> {
    clearTimeout(this.timer);
    const state = this.store.getState();
    if (this.stopped || !isWorthKeeping(state)) return;
    const manifest = manifestOf(state, new Date());
    if (!manifest) return;
    const opened = this.hosts.opened();
    const sizes = opened.sizes && { sizes: { ...opened.sizes } };
    const record = { ...manifest, model: { ...manifest.model, ...sizes } };
    this.saving = this.saving.then(async () => {
      try {
        const entries: [string, unknown][] = [[workKey(this.page), record]];
        if (this.savedFiles !== opened) entries.push([filesKey(this.page), filesOf(state, opened)]);
        await this.write(entries);
        this.savedFiles = opened;
        patch(this.store, 'work', { savedAt: Date.now(), error: null, storedBytes: await this.hosts.storedBytes() });
      } catch (thrown) {
        this.failed(thrown);
      }
    });
    await this.saving;
  }

  /** Takes up what was offered. */
  async restore(): Promise<void> {
    const { restorable } = this.store.getState().work;
    if (!restorable) return;
    patch(this.store, 'work', { restorable: null });
    const page = pageOf(restorable.key);
    try {
      const [work, files] = await this.hosts.vault.get([workKey(page), filesKey(page)]);
      const { readManifest } = await manifests();
      const manifest = readManifest(work, 'what the browser kept');
      const { model = [], data = null, labels } = (files ?? {}) as Partial<Opened>;
      const { trained } = manifest.choices.settings;
      const prepare = trained === undefined ? undefined : () => this.hosts.restoreTraining(trained);
      await this.hosts.projects.resume(manifest, { model, data, labels, prepare });
      await this.forget(page);
    } catch (thrown) {
      this.failed(thrown);
    }
  }

  /** What was offered is not wanted. */
  async discard(): Promise<void> {
    const { restorable } = this.store.getState().work;
    patch(this.store, 'work', { restorable: null });
    if (restorable) await this.forget(pageOf(restorable.key)).catch((thrown: unknown) => this.failed(thrown));
  }

  /** Deletes all that is kept of work, this page's included; it is kept again from the next change on. */
  async clear(): Promise<void> {
    try {
      await this.saving;
      const keys = await this.hosts.vault.keys();
      await this.hosts.vault.delete(keys);
      this.savedFiles = null;
      patch(this.store, 'work', {
        restorable: null,
        savedAt: null,
        error: null,
        storedBytes: await this.hosts.storedBytes(),
      });
    } catch (thrown) {
      this.failed(thrown);
    }
  }

  private async offer(): Promise<void> {
    const held = await this.hosts.locks.held();
    const keys = (await this.hosts.vault.keys()).filter((key) => key.startsWith('work ') && !held.has(key));
    patch(this.store, 'work', { storedBytes: await this.hosts.storedBytes() });
    if (keys.length === 0) return;
    const { readManifest } = await manifests();
    const left = await Promise.all(
      keys.map(async (key) => {
        const [value] = await this.hosts.vault.get([key]);
        try {
          const { savedAt, model } = readManifest(value, key);
          return { key, model: model.name, savedAt: Date.parse(savedAt) };
        } catch {
          return { key, model: null, savedAt: 0 };
        }
      }),
    );
    left.sort((a, b) => b.savedAt - a.savedAt);
    for (const { key } of left.slice(KEPT)) await this.forget(pageOf(key));
    const [newest] = left;
    const { model = null } = newest ?? {};
    if (newest && model !== null) patch(this.store, 'work', { restorable: { ...newest, model } });
  }

  /** Where there is no room, works of pages that are gone make it. */
  private async write(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    try {
      await this.hosts.vault.set(entries);
    } catch (thrown) {
      if (!isQuota(thrown)) throw thrown;
      const held = await this.hosts.locks.held();
      const gone = (await this.hosts.vault.keys()).filter((key) => !held.has(workKey(pageOf(key))));
      await this.hosts.vault.delete(gone);
      patch(this.store, 'work', { restorable: null });
      await this.hosts.vault.set(entries);
    }
  }

  private forget(page: string): Promise<void> {
    return this.hosts.vault.delete([workKey(page), filesKey(page)]);
  }

  private failed(thrown: unknown): void {
    const error = isQuota(thrown)
      ? new RangefinderError({
          code: 'too-large',
          message: 'The browser has no room to keep this work: after a reload it would be gone.',
          hint: 'Save it as a project file, or clear what is kept under “Project”.',
        })
      : toErrorInfo(thrown);
    // A browser that keeps nothing at all is said to once; asking it again with every change helps nobody.
    if (!isQuota(thrown)) this.stopped = true;
    patch(this.store, 'work', { error: toErrorInfo(error) });
  }
}

/** A model of one's own, or a sample that was changed. */
function isWorthKeeping({ model, samples, choices, runs }: StudioState): boolean {
  if (!model.view) return false;
  return samples.current === null || choices.past.length > 0 || runs.list.length > 1;
}

/** Samples are fetched again, and too large a set is opened again. */
function filesOf({ samples }: StudioState, { model, data, labels }: Opened): Opened {
  const size = (files: Opened['model']) => files.reduce((sum, { blob }) => sum + blob.size, 0);
  const fits = (files: Opened['model']) => size(files) <= MOST_BYTES;
  const isSample = samples.current !== null;
  return {
    model: isSample || !fits(model) ? [] : model,
    data: isSample || !data || !fits(data) ? null : data,
    ...(labels && { labels }),
  };
}

function isQuota(thrown: unknown): boolean {
  return (thrown as { name?: unknown } | null)?.name === 'QuotaExceededError';
}
