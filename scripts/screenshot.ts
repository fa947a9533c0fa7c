/** Saves docs/studio.png, the picture in README.md: the production build in dist/ with its sample quantized and verified. */
import { writeFileSync } from 'node:fs';
import { idle, launch, openStudio, verified } from '../e2e/studio';
import { decodePng } from '../src/engine/images/png';
import { ensureBrowser } from './browser.mjs';
import { palettedPng } from './paletted-png';
import { serveFolder } from './static-server.mjs';

const PICTURE = 'docs/studio.png';
/** Whoever reads about the project waits for it. */
const LARGEST = 200_000;

process.env.CHROMIUM_PATH = ensureBrowser();
const server = await serveFolder('dist', 0);
process.env.STUDIO_URL = server.url;
const browser = await launch();
const { page } = await openStudio(browser, { width: 1440, height: 900 });
await verified(page);
await idle(page);
// The chart by layer is the last thing that the page draws, when it has nothing else to do.
await page.locator('.charts .recharts-bar-rectangle').first().waitFor();
const picture = palettedPng(decodePng(await page.screenshot({ animations: 'disabled' })));
await browser.close();
await server.close();
writeFileSync(PICTURE, picture);
console.log(`${PICTURE}: ${picture.length} bytes`);
if (picture.length > LARGEST) throw new Error(`${PICTURE} is larger than ${LARGEST} bytes`);
