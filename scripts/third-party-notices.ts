import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Copied into the build as files, not bundled. */
const COPIED = ['@litertjs/core'];

const FILE = 'third-party-notices.txt';

/** "node_modules/@scope/name/…" or "node_modules/name/…", the innermost where packages nest. */
const PACKAGE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/**
 * Writes the licences of every package whose code or binaries the build holds. Workers are built by builds of their own:
 * `collect` stands among their plugins, too, and `write` among those of the page, which is finished last.
 */
export function thirdPartyNotices(): { readonly collect: () => Plugin; readonly write: () => Plugin } {
  const folders = new Map<string, string>(COPIED.map((name) => [name, join('node_modules', name)]));
  const collect = (): Plugin => ({
    name: 'rangefinder:third-party-packages',
    apply: 'build',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
      for (const id of modules) {
        const found = PACKAGE.exec(id.replaceAll('\\', '/'));
        if (found?.[1]) folders.set(found[1], found[0]);
      }
    },
  });
  const write = (): Plugin => ({
    name: 'rangefinder:third-party-notices',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler() {
        const notices = [...folders].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, folder]) => noticeOf(folder));
        this.emitFile({ type: 'asset', fileName: FILE, source: notices.join(`\n${'-'.repeat(80)}\n\n`) });
      },
    },
  });
  return { collect, write };
}

function noticeOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const texts = readdirSync(folder)
    .filter((name) => /^(?:licen[cs]e|notice|copying)/i.test(name) && existsSync(join(folder, name)))
    .map((name) => readFileSync(join(folder, name), 'utf8').trim());
  return (
    [`${manifest.name} ${manifest.version} (${manifest.license ?? 'see its licence'})`, ...texts].join('\n\n') + '\n'
  );
}
