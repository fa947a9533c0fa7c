import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of this program that is run by itself, and the options that Node needs to run it. */
export interface OwnFile {
  readonly path: string;
  readonly execArgv: string[];
}

/**
 * @param source path within src/cli, without its extension; the build has the file by its name, beside the command line
 */
export function ownFile(source: string): OwnFile {
  const here = fileURLToPath(import.meta.url);
  if (here.endsWith('.ts'))
    return {
      path: join(dirname(here), `${source}.ts`),
      execArgv: ['--import', createRequire(import.meta.url).resolve('tsx')],
    };
  const name = `${source.split('/').at(-1)}.js`;
  const places = [dirname(here), dirname(dirname(here))].map((folder) => join(folder, name));
  return { path: places.find((path) => existsSync(path)) ?? places[0], execArgv: [] };
}
