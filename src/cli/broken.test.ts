import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { toErrorInfo, type ErrorInfo } from '../base/errors';
import type { ModelView } from '../jobs/contract/protocol';
import { BROKEN, BROKEN_LIMIT } from '../testing/fixtures/broken-fixtures';
import { runCli } from '../testing/builders/cli';
import { fixturePath, haveFixtures } from '../testing/fixtures/fixtures';
import { TestSession } from '../testing/builders/session';
import { modelFiles } from './files';

/** What is in the folder, folders that are one model counted as one. */
function present(): string[] {
  const entries = (folder: string) =>
    readdirSync(fixturePath(`broken/${folder}`)).map((name) => (folder ? `${folder}/${name}` : name));
  return [...entries(''), ...entries('derived')].filter((path) => path !== 'derived');
}

describe.skipIf(!haveFixtures)('broken files', () => {
  beforeAll(async () => {
    // The HDF5 reader is loaded with the first .h5, once; a page does that while nobody waits.
    await new TestSession()
      .run('openModel', { files: modelFiles(fixturePath('broken/derived/resnet_half.h5')) })
      .catch(() => undefined);
  });

  it('are all in the table', () => {
    expect(BROKEN.map(({ path }) => path).sort()).toEqual(present().sort());
  });

  it.each(BROKEN)(
    '$path ends in a typed error or a clean load',
    async ({ path, ends }) => {
      const opened = await new TestSession()
        .run('openModel', { files: modelFiles(fixturePath(`broken/${path}`)) })
        .then(({ result }) => result)
        .catch((thrown: unknown) => toErrorInfo(thrown));
      const { code, stderr } = await runCli(['inspect', fixturePath(`broken/${path}`)]);
      if ('code' in ends) {
        const { message, where, hint } = opened as ErrorInfo;
        expect(opened).toMatchObject({ code: ends.code, message: expect.stringMatching(ends.says) });
        expect(where).toBeTruthy();
        expect(hint).toMatch(/\.$/);
        expect(code).toBe(1);
        for (const part of [message, where, hint]) expect(stderr).toContain(part);
      } else {
        expect((opened as ModelView).layers).toHaveLength(ends.layers);
        if (ends.note) expect((opened as ModelView).notes.join('\n')).toMatch(ends.note);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      }
    },
    BROKEN_LIMIT,
  );
});
