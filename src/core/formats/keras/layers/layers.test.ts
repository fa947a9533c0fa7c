import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixturePath, haveFixtures, readFixture } from '../../../../testing/fixtures';
import { expectGolden, readGolden } from '../../../../testing/keras-goldens';
import { readModel } from '../../read-model';

/** One small model per idea, saved and run by Keras 3.15. */
const FOLDER = 'conformance/keras3';

const names = haveFixtures
  ? readdirSync(fixturePath(FOLDER)).flatMap((file) => (file.endsWith('.keras') ? [file.slice(0, -6)] : []))
  : [];

const read = (name: string) => {
  const path = `${FOLDER}/${name}.keras`;
  return readModel([{ path, bytes: readFixture(path) }]);
};

describe.skipIf(!haveFixtures)('layer translators against Keras 3.15', () => {
  it('has all sixty to go by', () => expect(names).toHaveLength(60));

  it.each(names)('%s', async (name) => {
    await expectGolden(await read(name), readGolden(`${FOLDER}/${name}.npz`), 1e-5);
  });
});
