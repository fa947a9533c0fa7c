/** ResNet8 on CIFAR JPEGs, 500 to calibrate and 500 to evaluate: from the drop to the verified file, by stage. */
import type { Browser } from 'playwright-core';
import { downloaded, drop, idle, openSide, openStudio, panel, verified } from '../e2e/studio';
import { reportSchema } from '../src/jobs/reports/report';
import { fixturePath } from '../src/testing/fixtures/fixtures';
import { median, type Row } from './table';

const MODEL = fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite');
const IMAGES = fixturePath('datasets/cifar10_jpg/test');
const RUNS = 3;

/** What stands between a model with its data and the file made of them. */
const TO_FILE = ['openModel', 'openData', 'calibrate', 'plan', 'exportFile'] as const;
const STAGES = [...TO_FILE, 'evaluate', 'verify', 'sensitivity'] as const;

interface Run {
  readonly stages: Readonly<Record<string, number>>;
  readonly toFile: number;
  readonly toVerified: number;
}

/** In a page that has opened on its sample, as it does for everybody: the engines are there. */
async function once(browser: Browser): Promise<Run> {
  const { page, close } = await openStudio(browser);
  await verified(page);
  await idle(page);
  for (const name of ['Calibrate on', 'Evaluate on']) {
    await panel(page, 'Data').getByRole('textbox', { name }).fill('500');
    await page.keyboard.press('Enter');
  }
  await panel(page, 'Data').getByText('In effect: 500 to calibrate, 500 others').waitFor();
  await verified(page);
  await idle(page);

  await openSide(page, 'Export');
  const started = performance.now();
  await drop(page, [MODEL, IMAGES]);
  await page.getByRole('heading', { name: 'Layers 16' }).waitFor();
  const button = page.getByRole('button', { name: /Download \.tflite \(/ });
  await page.waitForFunction(() =>
    [...document.querySelectorAll('button')].some(
      (b) => !b.disabled && b.textContent!.startsWith('Download .tflite ('),
    ),
  );
  const toFile = performance.now() - started;
  await verified(page);
  const toVerified = performance.now() - started;
  await idle(page);
  const { bytes } = await downloaded(page, page.getByRole('button', { name: 'Report' }));
  await button.waitFor();
  const { timings } = reportSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  await close();
  return { stages: timings, toFile, toVerified };
}

export async function mainJob(browser: Browser): Promise<Row[]> {
  const runs: Run[] = [];
  for (let i = 0; i < RUNS; i++) runs.push(await once(browser));
  const ms = (of: (run: Run) => number) => median(runs.map(of));
  const sum = ({ stages }: Run) => TO_FILE.reduce((total, stage) => total + (stages[stage] ?? 0), 0);
  return [
    ...STAGES.map((stage) => ({ what: stage, value: ms(({ stages }) => stages[stage] ?? 0), unit: 'ms' })),
    { what: 'load → file (the first five)', target: 1100, value: ms(sum), unit: 'ms' },
    { what: 'drop → file can be downloaded', value: ms(({ toFile }) => toFile), unit: 'ms' },
    { what: 'drop → file verified', value: ms(({ toVerified }) => toVerified), unit: 'ms' },
  ];
}
