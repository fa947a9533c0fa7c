/** Serves the production build with the headers that wasm threads need, and opens a browser where there is one. */
import { preview } from 'vite';

const server = await preview({ preview: { open: !process.env.CI && Boolean(process.env.DISPLAY) } });
server.printUrls();
console.log('  Rangefinder opens on its bundled digits sample; drop your own model and data on the page.');
