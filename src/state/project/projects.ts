/** Work that is handed on: saved as a file, opened from one, shared as a link, its settings applied to another model. */
import type { Project } from '../../core/project/archive';
import type { Manifest } from '../../core/project/manifest';
import { RangefinderError, toErrorInfo } from '../../base/errors';
import { readStored } from '../../core/data/stored';
import type { QuantSettings } from '../../core/quantize/settings';
import type { Edit } from '../edits/edits';
import { untrainedSettings } from '../results/comparison';
import type { Opener, Work } from '../opening/opener';
import type { PickedFile } from '../opening/files';
import type { Choices } from '../slices/choices';
import { patch, settingsOf, type StudioStore } from '../store';
import type { Training } from '../training/training';
import { fitSettings } from './fit-settings';
import { choicesOf, manifestOf, viewOf } from './manifest-of';
import { isBuiltInTab } from './views';

/** Loaded when there is a file or a link to write or to read: zip and schemas weigh more than all the rest here. */
/** Where a project does not take the model or the data along. */
const NOTHING = Promise.resolve([]);

const archives = () => import('../../core/project/archive');
const links = () => import('../../core/project/link');

export interface ProjectContents {
  readonly model: boolean;
  readonly data: boolean;
}

/** Work whose model's file is not there yet. */
interface Awaited {
  readonly fingerprint: string;
  readonly take: () => void;
}

export interface ProjectHosts {
  readonly opener: Opener;
  readonly training: Training;
  readonly edit: (edit: Edit) => void;
  readonly editChoices: (choices: Choices) => void;
  readonly notify: (tone: 'info' | 'warning', text: string) => void;
}

export class Projects {
  private awaited: Awaited | null = null;

  constructor(
    private readonly store: StudioStore,
    private readonly hosts: ProjectHosts,
  ) {
    // The file that work waits for may come by any way: whatever opens is looked at.
    store.subscribe(({ model }, before) => {
      if (model.view === before.model.view || model.view === null || !this.awaited) return;
      const { fingerprint, take } = this.awaited;
      if (model.view.fingerprint !== fingerprint) return;
      this.await(null);
      take();
    });
  }

  /**
   * The work of this moment as a file.
   * @param report what the page knows to report, where there is anything
   * @throws RangefinderError 'missing-file' where files of model or data are gone from the disk, 'invalid-settings' without a model
   */
  async save(
    contents: ProjectContents,
    extras: Pick<Project, 'report' | 'thumbnails'> = {},
  ): Promise<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }> {
    const manifest = manifestOf(this.store.getState(), new Date());
    if (!manifest)
      throw new RangefinderError({
        code: 'invalid-settings',
        message: 'There is no model, and so no work to save.',
        hint: 'Open a model first.',
      });
    const { opened } = this.hosts.opener;
    const trained = this.hosts.training.export();
    const [model, data, { writeProject }] = await Promise.all([
      contents.model ? readStored(opened.model) : NOTHING,
      contents.data && opened.data ? readStored(opened.data) : NOTHING,
      archives(),
    ]);
    const labels = contents.data && opened.labels ? await readStored([opened.labels]) : [];
    const listed: Manifest = {
      ...manifest,
      model: { ...manifest.model, ...(opened.sizes && { sizes: { ...opened.sizes } }) },
      ...(labels[0] && manifest.data && { data: { ...manifest.data, labels: labels[0].path } }),
    };
    const bytes = writeProject({ manifest: listed, model, data: [...data, ...labels], trained, ...extras });
    return { name: `${manifest.model.name}.rangefinder`, bytes };
  }

  /** Opens a file that holds work; false for any other. @throws RangefinderError where it cannot be read */
  async takeFile(file: PickedFile): Promise<boolean> {
    const { readWork } = await import('./dropped-work');
    const work = await readWork(file);
    if (work?.kind === 'project') void this.take(work.project);
    if (work?.kind === 'settings') this.apply(work.settings, file.path);
    return work !== null;
  }

  /** Takes up work that was saved. Without its model's file it waits for that, unless the very model is open. */
  async take({ manifest, model, data, trained }: Project): Promise<void> {
    const blob = (bytes: Uint8Array) => new Blob([bytes.slice()]);
    const pick = (files: Project['model']) => files.map(({ path, bytes }) => ({ path, blob: blob(bytes) }));
    const prepare = async () => {
      for (const work of trained) await this.hosts.training.import(work.id, work.checkpoint, work.summary);
    };
    const labels = pick(data).find(({ path }) => path === manifest.data?.labels);
    const files = pick(data).filter(({ path }) => path !== labels?.path);
    await this.resume(manifest, { model: pick(model), data: files.length > 0 ? files : null, labels, prepare });
  }

  /** As {@link take}, with files that may still be on the disk. */
  async resume(
    manifest: Manifest,
    { model, data, labels, prepare }: Pick<Work, 'model' | 'data' | 'labels' | 'prepare'>,
  ): Promise<void> {
    const { samples } = this.store.getState();
    const sample = samples.list.find(({ id }) => id === manifest.model.sample);
    const work = { sizes: manifest.model.sizes, data, labels, choices: choicesOf(manifest), prepare };
    const random = manifest.data?.kind === 'random';
    const show = () => {
      patch(this.store, 'ui', viewOf(manifest));
      const { layer = null } = manifest.view ?? {};
      if (layer !== null) patch(this.store, 'selection', { layer });
      this.store.setState(({ runs }) => ({ runs: { ...runs, list: manifest.runs } }));
    };
    const source = model.length > 0 ? { model, data } : sample ? await this.hosts.opener.sampleFiles(sample) : null;
    if (source) {
      const opened = await this.hosts.opener.openWork({
        ...work,
        ...source,
        data: data ?? source.data,
        random,
        ...(sample && { sample }),
        prepared: show,
      });
      if (!opened) return;
      const { fingerprint } = this.store.getState().model.view!;
      if (fingerprint !== manifest.model.fingerprint)
        this.hosts.notify(
          'warning',
          'This is another model than the one the work was saved with; what fits it is kept.',
        );
      return;
    }
    this.whenOpen(manifest.model, 'the project', () => {
      void (async () => {
        await prepare?.();
        this.hosts.editChoices(work.choices.present);
        show();
        if (data) await this.hosts.opener.open({ model: [], data });
      })();
    });
  }

  /** Applies settings of a report, a recipe or a project without a model to the open model, as one undoable step. */
  apply(settings: QuantSettings, from: string): void {
    const { view } = this.store.getState().model;
    if (!view) {
      this.hosts.notify('warning', `“${from}” holds settings: open a model first, then drop it again.`);
      return;
    }
    // Weights are not in it, and ranges that were trained with them are of no use without.
    const { trained, ...plain } = settings;
    const fitted = fitSettings(plain, view);
    this.hosts.edit(() => fitted.settings);
    const rest = [
      fitted.dropped > 0 && `${fitted.dropped} choices are about layers that ${view.name} does not have`,
      trained !== undefined && 'its trained weights are not in it',
    ].filter(Boolean);
    this.hosts.notify('info', `Settings of “${from}” are in use${rest.length > 0 ? `; ${rest.join('; ')}` : ''}.`);
  }

  /** The address of this page with the work of this moment behind #; null without a model. Never data, never weights. */
  async link(pageUrl: string): Promise<{ readonly url: string; readonly isLong: boolean } | null> {
    const state = this.store.getState();
    const { model, choices, ui, selection, samples } = state;
    if (!model.view) return null;
    const { linkHash, LINK_BYTES } = await links();
    const hash = linkHash({
      model: {
        name: model.view.name,
        fingerprint: model.view.fingerprint,
        ...(samples.current !== null && { sample: samples.current }),
      },
      choices: { settings: untrainedSettings(state) ?? settingsOf(state), data: choices.present.data as never },
      tab: ui.tab,
      layer: selection.layer,
    });
    const url = new URL(hash, pageUrl).href;
    return { url, isLong: url.length > LINK_BYTES };
  }

  /** Takes up what a link says; false where the page's address holds none. */
  async openLink(hash: string): Promise<boolean> {
    if (!/^#w\d+=/.test(hash)) return false;
    try {
      const { readLink } = await links();
      const { model, choices, tab, layer } = readLink(hash);
      const sample = this.store.getState().samples.list.find(({ id }) => id === model.sample);
      const show = () => {
        if (isBuiltInTab(tab)) patch(this.store, 'ui', { tab });
        if (layer !== null) patch(this.store, 'selection', { layer });
      };
      const linked = { choices, past: [], future: [] };
      if (sample) {
        const files = await this.hosts.opener.sampleFiles(sample);
        await this.hosts.opener.openWork({
          ...files,
          sample,
          choices: choicesOf(linked),
          random: false,
          prepared: show,
        });
      } else
        this.whenOpen(model, 'the link', () => {
          this.hosts.editChoices({
            ...choicesOf(linked).present,
            training: this.store.getState().choices.present.training,
          });
          show();
        });
    } catch (thrown) {
      patch(this.store, 'model', { error: toErrorInfo(thrown) });
    }
    return true;
  }

  /** Nothing is waited for any more. */
  forgo(): void {
    this.await(null);
  }

  private whenOpen(
    { name, fingerprint }: Manifest['model'] | { name: string; fingerprint: string },
    from: string,
    take: () => void,
  ): void {
    if (this.store.getState().model.view?.fingerprint === fingerprint) take();
    else this.await({ fingerprint, take }, { model: name, from });
  }

  private await(awaited: Awaited | null, shown: { model: string; from: string } | null = null): void {
    this.awaited = awaited;
    patch(this.store, 'work', { awaited: shown });
  }
}
