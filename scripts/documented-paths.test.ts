/** What the documents name is there: a path in backticks has to be the end of a path in the checkout. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const DOCUMENTS = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'README.md', 'SECURITY.md'];
const IGNORED = new Set(['node_modules', '.git', 'dist', 'dist-cli', '.cache', 'coverage']);

function* paths(folder: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    if (IGNORED.has(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    yield path;
    if (entry.isDirectory()) yield* paths(path);
  }
}

const known = [...paths('')].map((path) => `/${path}`);

/** `core/quantize`, `rules.ts`, `jobs/qat/*.ts`: with a slash in them, or the ending of one of our own files. */
function namedPaths(text: string): string[] {
  const spans = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([\w./*-]+)`/g)].map(([, span]) => span!);
  return spans.filter(
    (span) => /^[\w-]+(?:\/[\w.*-]+)+\/?$|^[\w-]+\.(?:ts|tsx|mjs)$/.test(span) && !span.startsWith('dist'),
  );
}

describe.each(DOCUMENTS)('%s', (document) => {
  it('names nothing that is not there', () => {
    const named = namedPaths(readFileSync(join(ROOT, document), 'utf8'));
    const missing = named.filter((path) => {
      const ending = new RegExp(`/${path.replace(/\/$/, '').replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
      return !known.some((candidate) => ending.test(candidate));
    });
    expect(missing).toEqual([]);
  });
});
