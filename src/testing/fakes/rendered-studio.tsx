/** The whole page on the fake worker, in a document without a browser: every panel, no engine, no pixel. */
import { act, cleanup, configure, render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { StudioClient } from '../../jobs/client/client';
import { StudioController } from '../../state/controller';
import { createStudioStore, type StudioState } from '../../state/store';
import type { StudioHandles } from '../../ui/app/studio';
import { fakeHosts } from './fake-hosts';
import { fakeWorker } from './fake-worker';
import { standInForLayout } from './layout';

/** Waits end when the state is there; this only ends those that would never. */
configure({ asyncUtilTimeout: 20_000 });

const SAMPLES = [
  { id: 'digits', title: 'Digits', description: 'Ten digits', model: ['m.tflite'], data: ['d.npz'], default: true },
];

export interface RenderedStudio extends StudioHandles {
  readonly user: ReturnType<typeof userEvent.setup>;
  /** Once `holds` does; fails when it never will. */
  until(holds: (state: StudioState) => boolean): Promise<void>;
}

/** @param query of the address; `?sample=none` opens nothing */
export async function renderStudio(query = ''): Promise<RenderedStudio> {
  cleanup();
  standInForLayout();
  const store = createStudioStore();
  const client = new StudioClient(() => ({ api: fakeWorker(0), onDeath: () => {}, terminate: () => {} }), {
    onEvent: (event) => controller.onClientEvent(event),
  });
  const fetcher = async (url: string) =>
    new Response(url.endsWith('index.json') ? JSON.stringify(SAMPLES) : 'the bytes of a file');
  const controller = new StudioController(store, client, {
    fetcher,
    pageUrl: `https://example.org/${query}`,
    ...fakeHosts(),
  });
  const { App } = await import('../../ui/app/App');
  const { StudioContext } = await import('../../ui/app/studio');
  render(
    <StudioContext value={{ store, controller }}>
      <App />
    </StudioContext>,
  );
  await act(async () => {
    await client.warmUp();
    await controller.opener.start();
  });
  const until = (holds: (state: StudioState) => boolean) =>
    act(
      () =>
        new Promise<void>((resolve) => {
          const check = () => {
            if (!holds(store.getState())) return;
            stop();
            resolve();
          };
          const stop = store.subscribe(check);
          check();
        }),
    );
  return { store, controller, until, user: userEvent.setup() };
}

/** Nothing runs any more. */
export const isIdle = ({ jobs }: StudioState) => jobs.running.length === 0;

/** What axe finds serious, as "rule: element"; contrast needs pixels and is looked at in a browser. */
export async function violations(within: Element = document.body): Promise<string[]> {
  const results = await axe.run(within, { rules: { 'color-contrast': { enabled: false } } });
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}
