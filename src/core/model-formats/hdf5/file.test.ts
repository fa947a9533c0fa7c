/** Against the HDF5 library itself, compiled to WebAssembly: files it writes, and every HDF5 file among the fixtures. */
import { unzipSync } from 'fflate';
import fc from 'fast-check';
import h5wasm, { type Dataset, type Entity, type Group } from 'h5wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { haveFixtures } from '../../../testing/fixtures/fixtures';
import { modelFixtures } from '../../../testing/fixtures/model-fixtures';
import { RangefinderError, toErrorInfo } from '../../../base/errors';
import { decodeNumbers } from './datatype';
import { openHdf5, type Hdf5Group } from './file';

let memory: Awaited<typeof h5wasm.ready>['FS'];
beforeAll(async () => ({ FS: memory } = await h5wasm.ready));

function write(fill: (root: Group) => void): Uint8Array {
  const file = new h5wasm.File('oracle.h5', 'w');
  fill(file);
  file.close();
  const bytes = memory.readFile('oracle.h5');
  memory.unlink('oracle.h5');
  return bytes;
}

function asOracle<T>(bytes: Uint8Array, use: (root: Group) => T): T {
  memory.writeFile('oracle.h5', bytes);
  const file = new h5wasm.File('oracle.h5', 'r');
  try {
    return use(file);
  } finally {
    file.close();
    memory.unlink('oracle.h5');
  }
}

const kindOf = (entity: Entity | null) => (entity && 'type' in entity ? entity.type : undefined);

/** Compares everything below a group; the number of data sets. */
function compare(own: Hdf5Group, oracle: Group): number {
  const keys = oracle.keys();
  expect(own.keys().sort()).toEqual(keys.sort());
  for (const [name, { value }] of Object.entries(oracle.attrs)) {
    const texts = [value].flat().filter((text) => typeof text === 'string');
    expect(own.texts(name), name).toEqual(texts);
  }
  let sets = 0;
  for (const key of keys) {
    const entity = oracle.get(key);
    if (kindOf(entity) === 'Group') sets += compare(own.group(key)!, entity as Group);
    else {
      const wanted = entity as Dataset;
      const dataset = own.dataset(key)!;
      expect(dataset.shape).toEqual(wanted.shape);
      if (dataset.type.kind !== 'number') continue;
      const got = decodeNumbers(dataset.bytes(), dataset.type);
      const value = wanted.value;
      const numbers =
        typeof value === 'object'
          ? Float32Array.from(value as ArrayLike<number>, Number)
          : Float32Array.of(Number(value));
      expect(Buffer.compare(Buffer.from(got.slice().buffer), Buffer.from(numbers.buffer)), key).toBe(0);
      sets++;
    }
  }
  return sets;
}

function agree(bytes: Uint8Array): number {
  return asOracle(bytes, (root) => compare(openHdf5(bytes, 'a.h5'), root));
}

const ramp = Float32Array.from({ length: 60 }, (_, i) => i / 7 - 3);

describe('files of the HDF5 library', () => {
  it('with numbers of every type', () => {
    const count = agree(
      write((root) => {
        const types = { '<f': Float32Array, '<d': Float64Array, '<b': Int8Array, '<B': Uint8Array, '<h': Int16Array, '<H': Uint16Array, '<i': Int32Array, '<I': Uint32Array }; // prettier-ignore
        for (const [dtype, type] of Object.entries(types))
          root.create_dataset({ name: `n${dtype.slice(1)}${dtype === '<B' || dtype === '<H' || dtype === '<I'}`, data: type.from([1, 2, 250]), shape: [3], dtype }); // prettier-ignore
        root.create_dataset({ name: 'long', data: BigInt64Array.of(1n, -5n), shape: [2] });
        root.create_dataset({ name: 'single', data: 7 });
      }),
    );
    expect(count).toBe(10);
  });

  it.each([
    ['in deflated chunks', { chunks: [3, 4, 2], compression: 4 }],
    ['in plain chunks', { chunks: [2, 5, 3] }],
    ['in one chunk', { chunks: [3, 5, 4], compression: 9 }],
    ['shuffled and deflated', { chunks: [2, 2, 2], compression: [{ id: 2, cd_values: [4] }, { id: 1, cd_values: [6] }] }], // prettier-ignore
  ])('with data %s', (_how, packing) => {
    const bytes = write((root) =>
      root.create_dataset({ name: 'w', data: ramp, shape: [3, 5, 4], ...(packing as object) }),
    );
    expect(agree(bytes)).toBe(1);
  });

  it('with more members than one node of a tree holds, and groups within groups', () => {
    const bytes = write((root) => {
      for (let i = 0; i < 2000; i++) root.create_dataset({ name: `weight_${i}`, data: Float32Array.of(i), shape: [1] });
      root
        .create_group('a')
        .create_group('b')
        .create_dataset({ name: 'c', data: ramp, shape: [60] });
    });
    expect(agree(bytes)).toBe(2001);
    expect(openHdf5(bytes, 'a.h5').dataset('/a/b/c')!.shape).toEqual([60]);
    expect(openHdf5(bytes, 'a.h5').dataset('a/b')).toBeUndefined();
    expect(openHdf5(bytes, 'a.h5').group('a/b/c')).toBeUndefined();
  });

  it('with texts short and long, lists of them, and numbers as attributes', () => {
    const bytes = write((root) => {
      root.create_attribute('short', 'keras');
      root.create_attribute('long', 'é'.repeat(40_000));
      root.create_attribute('list', ['a', 'bc', 'déf']);
      root.create_attribute('number', 3);
      root.create_attribute('fixed', 'padded', null, 'S10');
      for (let i = 0; i < 40; i++) root.create_attribute(`one_of_many_${i}`, `value ${i}`);
    });
    agree(bytes);
    const root = openHdf5(bytes, 'a.h5');
    expect(root.texts('list')).toEqual(['a', 'bc', 'déf']);
    expect(root.texts('long')![0]).toHaveLength(40_000);
    expect(root.texts('number')).toEqual([]);
    expect(root.texts('other')).toBeUndefined();
  });

  it('behind a user block', () => {
    const bytes = write((root) => root.create_dataset({ name: 'w', data: ramp, shape: [60] }));
    const shifted = new Uint8Array(512 + bytes.length);
    shifted.set(bytes, 512);
    const { type, ...dataset } = openHdf5(shifted, 'a.h5').dataset('w')!;
    expect(decodeNumbers(dataset.bytes(), type as never)).toEqual(ramp);
  });
});

const files = modelFixtures().filter(({ name }) => /\.(h5|hdf5|keras)$/.test(name) && !name.startsWith('broken/'));

it.skipIf(!haveFixtures).each(files.map(({ name }) => name))('reads %s as the library does', (name) => {
  const { bytes } = files.find((file) => file.name === name)!.files()[0];
  expect(agree(name.endsWith('.keras') ? unzipSync(bytes)['model.weights.h5'] : bytes)).toBeGreaterThanOrEqual(0);
});

describe('hostile files', () => {
  it('whose trees lead back into themselves are refused', () => {
    const bytes = write((root) => {
      for (let i = 0; i < 2000; i++) root.create_dataset({ name: `w${i}`, data: Float32Array.of(i), shape: [1] });
    });
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const at = [...bytes.keys()].find((i) => String.fromCharCode(...bytes.subarray(i, i + 4)) === 'BTIN')!;
    const children = [...Array(512).keys()].map((i) => at + 6 + i);
    const child = children.find((i) => {
      const target = Number(view.getBigUint64(i, true));
      return target < bytes.length && String.fromCharCode(...bytes.subarray(target, target + 4)) === 'BTLF';
    })!;
    view.setBigUint64(child, BigInt(at), true);
    expect(() => openHdf5(bytes, 'a.h5').keys()).toThrow(/no BTLF where one should be/);
  });

  it('that claim more chunks or larger ones than they hold get no memory', () => {
    const bytes = write((root) =>
      root.create_dataset({ name: 'w', data: ramp, shape: [60], maxshape: [null], chunks: [10] }),
    );
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const dims = [...Array(bytes.length - 16).keys()].filter((at) => view.getBigUint64(at, true) === 60n);
    for (const at of dims) view.setBigUint64(at, 2n ** 40n, true);
    expect(() => openHdf5(bytes, 'a.h5').dataset('w')!.bytes()).toThrow(/6 of \d+ chunks/);
  });

  it('end in typed errors, whatever is changed', () => {
    const original = write((root) => {
      root.create_attribute('names', ['one', 'two']);
      const group = root.create_group('g');
      group.create_dataset({ name: 'plain', data: ramp, shape: [60] });
      group.create_dataset({ name: 'packed', data: ramp, shape: [60], chunks: [20], compression: 5 });
    });
    const change = fc.tuple(fc.nat(original.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = original.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          const root = openHdf5(bytes, 'a.h5');
          root.texts('names');
          const group = root.group('g');
          for (const key of group?.keys() ?? []) group!.dataset(key)?.bytes();
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(RangefinderError);
          expect(['corrupt-file', 'unsupported-feature', 'unknown-format']).toContain(toErrorInfo(thrown).code);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
