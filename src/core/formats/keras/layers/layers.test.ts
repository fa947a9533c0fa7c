import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixturePath, haveFixtures, readFixture } from '../../../../testing/fixtures';
import { expectGolden, readGolden } from '../../../../testing/keras-goldens';
import { toErrorInfo } from '../../../errors';
import { readModel } from '../../read-model';

/** One small model per idea, saved and run by Keras 3.15. */
const FOLDER = 'conformance/keras3';

/** Those that cannot be modelled, and what is said about them. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  multi_activation: ['re_lu_2 (ReLU): ReLU with a threshold'],
};

const names = haveFixtures
  ? readdirSync(fixturePath(FOLDER)).flatMap((file) => (file.endsWith('.keras') ? [file.slice(0, -6)] : []))
  : [];

const read = (name: string) => {
  const path = `${FOLDER}/${name}.keras`;
  return readModel([{ path, bytes: readFixture(path) }]);
};

describe.skipIf(!haveFixtures)('layer translators against Keras 3.15', () => {
  it('has all sixty to go by', () => expect(names).toHaveLength(60));

  it.each(names.filter((name) => !(name in REFUSED)))('%s', async (name) => {
    await expectGolden(await read(name), readGolden(`${FOLDER}/${name}.npz`), 1e-5);
  });

  it.each(Object.entries(REFUSED))('%s is refused by name', async (name, details) => {
    expect(await read(name).catch(toErrorInfo)).toMatchObject({ code: 'unsupported-op', details });
  });
});
