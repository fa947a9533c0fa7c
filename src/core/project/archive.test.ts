import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { z } from '../../base/zod';
import { DEFAULT_SPLIT } from '../data/defaults';
import { DEFAULT_SETTINGS, type QuantSettings } from '../quantize/settings';
import { isProject, readProject, writeProject, type Project } from './archive';
import { readManifest, type Manifest } from './manifest';

const settings: QuantSettings = {
  ...DEFAULT_SETTINGS,
  weights: { ...DEFAULT_SETTINGS.weights, format: 'int4' },
  tensors: { 'a/b': { range: { min: -1, max: 2 }, channels: { 3: { min: 0, max: 1 } } } },
  layers: { conv: { keepFloat: true } },
  rules: [{ place: 'ends', override: { weightFormat: 'int8' } }],
};

const manifest: Manifest = {
  kind: 'rangefinder-project',
  version: 1,
  generator: 'Rangefinder',
  savedAt: '2026-01-01T00:00:00.000Z',
  model: { name: 'm', fingerprint: 'f', files: [] },
  data: { name: 'd.npz', kind: 'array', samples: 4, files: [] },
  choices: { settings, data: { ...DEFAULT_SPLIT } },
  past: [{ settings: DEFAULT_SETTINGS, data: { ...DEFAULT_SPLIT } }],
  runs: [],
  trained: [],
};

const bytes = (...values: number[]) => Uint8Array.from(values);
const checkpoint = {
  version: 1,
  weights: { w: { values: Float32Array.of(1.5, -2), scale: Float32Array.of(0.1), quantizedDimension: 0 } },
  biases: { b: Float32Array.of(3) },
  activations: { y: { scale: 0.25, zeroPoint: -3 } },
  epoch: 4,
  loss: 0.5,
} as const;
const project: Project = {
  manifest,
  model: [
    { path: 'model.json', bytes: bytes(1, 2) },
    { path: 'w.bin', bytes: bytes(3) },
  ],
  data: [{ path: 'cat/1.jpg', bytes: bytes(4, 5) }],
  trained: [{ id: 'qat-1', checkpoint, summary: { epochs: 4 } }],
  report: { version: 1 },
  thumbnails: [{ path: '0.png', bytes: bytes(9) }],
};

describe('a project file', () => {
  const file = writeProject(project);

  it('is known by its first bytes, and holds all that was put in', () => {
    expect(isProject(file)).toBe(true);
    expect(isProject(zipSync({ 'model.json': bytes(1) }))).toBe(false);
    const read = readProject(file, 'p.rangefinder');
    expect(read.manifest.choices.settings).toEqual(settings);
    expect(read).toEqual({
      ...project,
      manifest: {
        ...manifest,
        model: { ...manifest.model, files: ['model.json', 'w.bin'] },
        data: { ...manifest.data, files: ['cat/1.jpg'] },
        trained: ['qat-1'],
      },
    });
  });

  it('is the same file when it is written again', () => {
    expect(writeProject(readProject(file, 'p')).length).toBe(file.length);
    expect(writeProject(readProject(file, 'p'))).toEqual(file);
  });

  it.each([
    ['its version is newer', { ...manifest, version: 7 }, 'unsupported-feature'],
    ['it is something else', { kind: 'tasks' }, 'corrupt-file'],
    [
      'it names an unknown format',
      {
        ...manifest,
        choices: { ...manifest.choices, settings: { ...settings, layers: { a: { weightFormat: 'int99' } } } },
      },
      'corrupt-file',
    ],
    [
      'a range is upside down',
      {
        ...manifest,
        choices: { ...manifest.choices, settings: { ...settings, tensors: { a: { range: { min: 2, max: 1 } } } } },
      },
      'corrupt-file',
    ],
    ['a file is missing', { ...manifest, model: { ...manifest.model, files: ['gone.h5'] } }, 'missing-file'],
  ])('is refused where %s', (_, value, code) => {
    const archive = zipSync({ 'rangefinder.json': new TextEncoder().encode(JSON.stringify(value)) });
    expect(() => readProject(archive, 'p')).toThrow(expect.objectContaining({ code }));
  });

  it('is refused cut off anywhere, by a typed error', () => {
    for (let length = 0; length < file.length; length += 37)
      expect(() => readProject(file.slice(0, length), 'p')).toThrow(
        expect.objectContaining({ name: 'RangefinderError' }),
      );
  });
});

describe('a manifest of an older version', () => {
  it('is brought up to date one version at a time', () => {
    const schema = z.object({ kind: z.string(), version: z.literal(3), title: z.string(), tags: z.array(z.string()) });
    const upgraders = new Map<number, (old: Record<string, unknown>) => Record<string, unknown>>([
      [1, ({ name, ...rest }) => ({ ...rest, title: name })],
      [2, (old) => ({ ...old, tags: [] })],
    ]);
    const old = { kind: 'rangefinder-project', version: 1, name: 'digits' };
    expect(readManifest(old, 'p', { schema, version: 3, upgraders })).toEqual({
      kind: 'rangefinder-project',
      version: 3,
      title: 'digits',
      tags: [],
    });
  });
});
