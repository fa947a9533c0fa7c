/** Serves the production build on port 4173, or on the one that PORT names. */
import { serveFolder } from './static-server.mjs';

const port = Number(process.env.PORT ?? 4173);
try {
  const { url } = await serveFolder('dist', port);
  console.log(`\n  Rangefinder is at ${url}`);
  console.log('  It opens on its bundled digits sample; drop your own model and data on the page. Ctrl-C stops it.\n');
} catch (error) {
  if (error.code !== 'EADDRINUSE') throw error;
  console.error(`Port ${port} is taken. Stop what uses it, or choose another: PORT=4174 npm start`);
  process.exit(1);
}
