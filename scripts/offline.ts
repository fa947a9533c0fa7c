/** Writes the service worker, with the files of this very build, and the manifest that makes the page installable. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import type { Plugin } from 'vite';

const SOURCE = 'workers/service-worker.ts';
/** Workers and what only they load, and the layout of graphs: kept once they were used. */
const LAZY = /worker|\.wasm$/;
/** Larger chunks of scripts belong to the engines. */
const MOST_APP_BYTES = 450_000;

/** Whoever teaches goes offline before anybody has opened a lesson: all of them are there, with their models and data. */
const TAUGHT = /^(lessons|samples)\/(?!.*-train\.)/;

interface Emitted {
  readonly type: 'asset' | 'chunk';
  readonly source?: string | Uint8Array;
  readonly code?: string;
}

export function offline(): Plugin {
  let publicFolder = '';
  return {
    name: 'rangefinder:offline',
    apply: (_, { command, isSsrBuild }) => command === 'build' && !isSsrBuild,
    enforce: 'post',
    configResolved: (config) => void (publicFolder = config.publicDir),
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const content = new Map(
          Object.entries(bundle as Record<string, Emitted>).map(([name, file]) => [
            name,
            file.code ?? file.source ?? '',
          ]),
        );
        for (const path of filesIn(publicFolder)) content.set(path, readFileSync(join(publicFolder, path)));
        const names = [...content.keys()].filter((name) => name !== 'index.html' && !name.endsWith('.map')).sort();
        const isApp = (name: string) =>
          TAUGHT.test(name) ||
          (/^assets\/.*\.(js|css)$|^[^/]+\.(webmanifest|svg)$/.test(name) &&
            !LAZY.test(name) &&
            content.get(name)!.length <= MOST_APP_BYTES);
        const hash = createHash('sha256');
        for (const [name, bytes] of content) hash.update(name).update(bytes);
        const constants = {
          VERSION: hash.digest('hex').slice(0, 12),
          APP: ['./', ...names.filter(isApp)],
          OTHERS: names.filter((name) => !isApp(name)),
        };
        const head = Object.entries(constants).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`);
        const { outputText } = transpileModule(readFileSync(SOURCE, 'utf8'), {
          compilerOptions: { target: ScriptTarget.ES2022, module: ModuleKind.ESNext, removeComments: true },
        });
        this.emitFile({
          type: 'asset',
          fileName: 'service-worker.js',
          source: `${head.join('\n')}\n${outputText.replace(/^export \{\};$/m, '')}`,
        });
      },
    },
  };
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.replaceAll('\\', '/'));
}
