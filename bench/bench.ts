/**
 * `npm run build && npm run bench`: what the production build takes in Chromium, beside what it may take. Never a test:
 * times belong to the machine they are taken on. Parts by name: `npm run bench -- drag memory`.
 */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { CHROMIUM_FLAGS, ensureBrowser } from '../scripts/browser.mjs';
import { serveFolder } from '../scripts/static-server.mjs';
import { haveFixtures } from '../src/testing/fixtures/fixtures';
import { estimators, learning } from './choices';
import { diagnosis } from './diagnosis';
import { drag } from './drag';
import { formats } from './formats';
import { importTimes } from './import';
import { mainJob } from './main-job';
import { againstPeers, scaling } from './peers/peers';
import { statistics } from './statistics';
import { printTable, type Row } from './table';
import { training } from './training';
import { firstLoad, memory } from './weight';

interface Part {
  readonly title: string;
  readonly run: (browser: Browser) => Promise<Row[]>;
  readonly needsFixtures?: boolean;
}

const PARTS: Readonly<Record<string, Part>> = {
  load: { title: 'First load', run: firstLoad },
  statistics: {
    title: 'Statistics',
    run: async (browser) => statistics(await browser.newPage()),
  },
  import: {
    title: 'Opening models, for the first time',
    run: (browser) => importTimes(() => browser.newPage()),
    needsFixtures: true,
  },
  job: {
    title: 'ResNet8, 500 + 500 images',
    run: mainJob,
    needsFixtures: true,
  },
  estimators: { title: 'Another estimator, ResNet8', run: estimators, needsFixtures: true },
  learning: { title: 'Learning to round', run: learning, needsFixtures: true },
  formats: { title: 'Number formats, ResNet8, 3,000 images', run: formats, needsFixtures: true },
  diagnosis: { title: 'Diagnosis, ResNet8', run: diagnosis, needsFixtures: true },
  training: { title: 'Training step, ResNet8, batch 32', run: training, needsFixtures: true },
  drag: { title: 'Dragging', run: drag },
  peers: { title: 'Beside other tools, in Node', run: againstPeers, needsFixtures: true },
  scaling: { title: 'Scaling, in Node', run: scaling, needsFixtures: true },
  memory: {
    title: 'Memory',
    run: memory,
    needsFixtures: true,
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in PARTS));
if (unknown.length > 0)
  throw new Error(`There is no part "${unknown[0]}"; there are ${Object.keys(PARTS).join(', ')}.`);
if (!existsSync('dist/index.html')) throw new Error('No production build in dist/: run `npm run build` first.');

const server = await serveFolder('dist', 0);
process.env.STUDIO_URL = server.url;
const executablePath = ensureBrowser();
try {
  for (const [name, { title, run, needsFixtures }] of Object.entries(PARTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (needsFixtures && !haveFixtures) {
      console.log(`${title}: skipped, the fixtures are not there.\n`);
      continue;
    }
    // A browser for each part: none inherits the other's caches and memory.
    const args = [...CHROMIUM_FLAGS, '--enable-blink-features=ForceEagerMeasureMemory'];
    const browser = await chromium.launch({ executablePath, args });
    printTable(title, await run(browser));
    await browser.close();
  }
} finally {
  await server.close();
}
process.exit(0);
