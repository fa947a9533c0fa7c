/** ResNet8 on CIFAR JPEGs, looked into layer by layer: every way of measuring sensitivity, and the whole diagnosis. */
import type { Browser, Page } from 'playwright-core';
import { downloaded, idle, openStudio, panel, pick, verified } from '../e2e/studio';
import { reportSchema } from '../src/jobs/reports/report';
import { fixturePath } from '../src/testing/fixtures/fixtures';
import type { Row } from './table';

/** For all layers, ms. */
const TARGET = 15_000;

const MODES = ['One alone', 'All but one'] as const;
const PARTS = ['Both', 'Weights', 'Activations'] as const;

/** From Start to the last layer on the last image, and to the first layers shown. */
async function measured(page: Page, mode: string, part: string): Promise<{ all: number; first: number }> {
  const sensitivity = panel(page, 'Sensitivity of the layers');
  await sensitivity.getByRole('radio', { name: mode }).click();
  await sensitivity.getByRole('radio', { name: part }).click();
  const started = performance.now();
  await sensitivity.getByRole('button', { name: 'Start' }).click();
  await sensitivity.getByRole('row').nth(1).waitFor();
  const first = performance.now() - started;
  await sensitivity.getByText(/layers on 256 samples/).waitFor({ timeout: 120_000 });
  await idle(page);
  return { all: performance.now() - started, first };
}

export async function diagnosis(browser: Browser): Promise<Row[]> {
  const { page, close } = await openStudio(browser, { query: '?sample=none' });
  await pick(page, 'model', fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite'));
  await pick(page, 'folder', fixturePath('datasets/cifar10_jpg/test'));
  await verified(page);
  await idle(page);
  // One alone, both: comes by itself after everything else.
  const { bytes } = await downloaded(page, page.getByRole('button', { name: 'Report' }));
  const { timings } = reportSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  const rows: Row[] = [
    {
      what: 'sensitivity, 256 images, one alone, both',
      target: TARGET,
      value: timings.sensitivity ?? Infinity,
      unit: 'ms',
    },
  ];
  const started = performance.now();
  await page.getByRole('tab', { name: /Diagnose/ }).click();
  await panel(page, 'Diagnosis').getByRole('button', { name: 'Save as JSON' }).waitFor({ timeout: 120_000 });
  const whole = performance.now() - started;
  for (const mode of MODES)
    for (const part of PARTS) {
      if (mode === 'One alone' && part === 'Both') continue;
      const { all, first } = await measured(page, mode, part);
      const what = `sensitivity, 256 images, ${mode.toLowerCase()}, ${part.toLowerCase()}`;
      rows.push(
        { what, target: TARGET, value: all, unit: 'ms' },
        { what: '  first layers shown', value: first, unit: 'ms' },
      );
    }
  await close();
  return [...rows, { what: 'diagnosis: errors, layers, findings, fixes tried', value: whole, unit: 'ms' }];
}
