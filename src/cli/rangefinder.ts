#!/usr/bin/env node
import { main } from './main';

// A reader that had enough (`| head`) is no error.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const code = await main(process.argv.slice(2));
// What was written to a pipe is handed over piece by piece, and ending the process would cut it off.
await Promise.all([process.stdout, process.stderr].map(flushed));
// Engines may hold handles open; the work is done when main says so.
process.exit(code);

/** Resolves when everything written so far has been handed over, or when nobody reads any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) return resolve();
    stream.write('', () => resolve());
  });
}
