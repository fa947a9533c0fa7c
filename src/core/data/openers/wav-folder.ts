/** Folders of recordings: one folder per class, names that say who is normal, or neither. */
import { RangefinderError } from '../../../base/errors';
import { isWav, readWav, wavInfo } from '../audio/wav';
import type { RawSample, SampleSource } from '../types';
import type { DistantFile } from '../zip';
import { layoutOfFolders } from './class-folders';
import type { StreamingOpener } from './opener';
import { ReadAhead } from './read-ahead';

/** Noise to mix into training, which keyword data sets bring along. */
const NOISE = /(^|\/)_background_noise_\//;

export const wavFolderOpener: StreamingOpener = {
  id: 'wav',
  streams: true,
  label: 'recordings (WAV), a folder per class',
  recognises: isWav,
  open(found) {
    const spoken = found.filter(({ path }) => !NOISE.test(path));
    const { files, name, fields } = layoutOfFolders(spoken.length > 0 ? spoken : found, 'recordings');
    const names = files.map(({ path }) => path);
    const noise = found.length - files.length;
    const notes = [
      ...(fields.notes ?? []),
      ...(noise > 0 ? [`Recordings of _background_noise_, which is no class, passed over: ${noise}.`] : []),
    ];
    return recordings(files, { name, ...fields, ...(fields.labels ? {} : byName(names)), notes });
  },
};

/** "anomaly_id_01_00000003.wav", as DCASE and ToyADMOS call them: 0 is normal, 1 is not. */
function byName(names: readonly string[]): Pick<SampleSource, 'labels' | 'classNames'> {
  const kinds = names.map((path) => /(?:^|\/)(?:section_\d+_\w+_)?(normal|anomaly|abnormal)[_.-][^/]*$/i.exec(path)?.[1]?.toLowerCase()); // prettier-ignore
  if (kinds.includes(undefined) || new Set(kinds).size < 2) return {};
  return { labels: Int32Array.from(kinds, (kind) => Number(kind !== 'normal')), classNames: ['normal', 'anomaly'] };
}

type Fields = Pick<SampleSource, 'name' | 'labels' | 'classNames' | 'notes' | 'evaluationStart'>;

function recordings(files: readonly DistantFile[], fields: Fields): SampleSource {
  const ahead = new ReadAhead(files);
  const source: SampleSource = {
    ...fields,
    kind: 'audio',
    size: files.length,
    sampleNames: files.map(({ path }) => path),
    fetch: (index) => ahead.fetch(index),
    problem: async (index) => problemOf(await ahead.peek(index), files[index].path),
    read: async (index) => sampleOf(await ahead.bytes(index), files[index].path),
    excerpts: (cut) => excerptsOf(source, files, cut),
  };
  return source;
}

function problemOf(bytes: Uint8Array, path: string): string | undefined {
  if (!isWav(bytes)) return 'is no WAV file';
  try {
    return wavInfo(bytes, path).frames === 0 ? 'holds no sound' : undefined;
  } catch (error) {
    if (!(error instanceof RangefinderError)) throw error;
    // A format that is not read is one that all files have: it is said as it is.
    if (error.code === 'unsupported-feature') throw error;
    return 'is damaged';
  }
}

function sampleOf(bytes: Uint8Array, path: string): RawSample {
  const { rate, channels, frames, values } = readWav(bytes, path);
  return { shape: channels === 1 ? [frames] : [frames, channels], values, rate };
}

/** One sample for each place of each recording; the recordings are looked into for their lengths. */
async function excerptsOf(
  whole: SampleSource,
  files: readonly DistantFile[],
  { samples, every, rate }: { readonly samples: number; readonly every: number; readonly rate: number },
): Promise<SampleSource> {
  const places: { readonly file: number; readonly start: number }[] = [];
  let evaluationStart: number | undefined;
  for (const [file, { path, load }] of files.entries()) {
    if (file === whole.evaluationStart) evaluationStart = places.length;
    const bytes = await load();
    if (problemOf(bytes, path) !== undefined) continue;
    const info = wavInfo(bytes, path);
    const length = (info.frames * rate) / info.rate;
    for (let start = 0; start === 0 || start + samples <= length; start += every) places.push({ file, start });
  }
  const { labels } = whole;
  let last: { readonly file: number; readonly sample: Promise<RawSample> } | undefined;
  const read = async (index: number) => {
    const { file, start } = places[index];
    if (last?.file !== file) last = { file, sample: whole.read(file) };
    return cutOut(await last.sample, start / rate, samples / rate);
  };
  return {
    name: whole.name,
    kind: 'audio',
    size: places.length,
    sampleNames: places.map(({ file, start }) => `${files[file].path} at ${(start / rate).toFixed(2)} s`),
    ...(labels && { labels: Int32Array.from(places, ({ file }) => labels[file]) }),
    ...(whole.classNames && { classNames: whole.classNames }),
    ...(evaluationStart !== undefined && { evaluationStart }),
    notes: [`A sample is one of ${places.length} excerpts of ${files.length} recordings; figures are by excerpt.`],
    problem: async () => undefined,
    read,
  };
}

/** From `start`, in seconds; recordings keep their own rate until they are prepared. */
function cutOut({ shape, values, rate = 1 }: RawSample, start: number, seconds: number): RawSample {
  const [, channels = 1] = shape;
  const from = Math.round(start * rate);
  const to = Math.min(from + Math.ceil(seconds * rate), shape[0]);
  return {
    shape: channels === 1 ? [to - from] : [to - from, channels],
    values: values.slice(from * channels, to * channels),
    rate,
  };
}
