/** Samples that cannot be used: they are taken out of a source, named, and the rest keeps its labels. */
import type { LeftOut, RawSample, SampleSource } from './types';

/** The same source without some samples. @param unusable index → why, to continue "it …" */
export function withoutSamples(source: SampleSource, unusable: ReadonlyMap<number, string>): SampleSource {
  if (unusable.size === 0) return source;
  const kept = Uint32Array.from({ length: source.size }, (_, i) => i).filter((i) => !unusable.has(i));
  const { byOutput, sampleNames, masks, readMask, boxes, problem, fetch, evaluationStart } = source;
  const leftOut: LeftOut[] = [...unusable].map(([index, reason]) => ({ name: nameOf(source, index), reason }));
  return {
    ...source,
    size: kept.length,
    leftOut: [...(source.leftOut ?? []), ...leftOut],
    ...(evaluationStart !== undefined && { evaluationStart: kept.filter((index) => index < evaluationStart).length }),
    ...answersOf(source, source.size, kept),
    ...(byOutput && {
      byOutput: new Map([...byOutput].map(([name, answers]) => [name, answersOf(answers, source.size, kept)])),
    }),
    ...(sampleNames && { sampleNames: Array.from(kept, (index) => sampleNames[index]) }),
    ...(masks && { masks: { ...masks, of: (index: number) => masks.of(kept[index]) } }),
    ...(readMask && { readMask: (index: number) => readMask(kept[index]) }),
    ...(boxes && { boxes: { ...boxes, of: (index: number) => boxes.of(kept[index]) } }),
    ...(fetch && { fetch: (index: number) => fetch(kept[index]) }),
    ...(problem && { problem: (index: number) => problem(kept[index]) }),
    read: (index) => source.read(kept[index]),
  };
}

type Answers = Pick<SampleSource, 'labels' | 'targets'>;

function answersOf({ labels, targets }: Answers, size: number, kept: Uint32Array): Answers {
  return {
    ...(labels && { labels: Int32Array.from(kept, (index) => labels[index]) }),
    ...(targets && {
      targets: { shape: targets.shape, values: rows(targets.values, targets.values.length / size, kept) },
    }),
  };
}

function rows(values: Float32Array, width: number, kept: Uint32Array): Float32Array {
  const result = new Float32Array(width * kept.length);
  kept.forEach((index, i) => result.set(values.subarray(index * width, (index + 1) * width), i * width));
  return result;
}

/** How a sample is called: by its file, or by its number, counted from 0 as NumPy does. */
function nameOf({ sampleNames, kind }: SampleSource, index: number): string {
  return sampleNames?.[index] ?? (kind === 'table' ? `row ${index + 1}` : `sample ${index}`);
}

/** Bytes are always numbers. */
function nonFinite({ values }: RawSample): string | undefined {
  if (values instanceof Uint8Array) return undefined;
  let count = 0;
  for (const value of values) if (!Number.isFinite(value)) count++;
  return count > 0 ? `holds NaN or infinity, in ${count} of ${values.length} values` : undefined;
}

/**
 * Index → why the sample cannot be used: pictures among `drawn` whose files say so, and all samples of arrays and tables
 * that hold NaN or infinity, which would poison every figure. Pictures that are not drawn are not looked into.
 */
export async function unusableSamples(source: SampleSource, drawn: Iterable<number>): Promise<Map<number, string>> {
  const unusable = new Map<number, string>();
  // Samples that are made as they are read are not made to be looked at.
  if (source.endless) return unusable;
  const isOfFiles = source.kind === 'images' || source.kind === 'audio';
  const all = isOfFiles ? drawn : Array.from({ length: source.size }, (_, i) => i);
  for (const index of all) {
    const problem = source.problem ? await source.problem(index) : nonFinite(await source.read(index));
    if (problem !== undefined) unusable.set(index, problem);
  }
  return unusable;
}

/** Left-out files and samples as one sentence for people, or none. */
export function leftOutInWords(leftOut: readonly LeftOut[], samples: number): string | undefined {
  if (leftOut.length === 0) return undefined;
  const shown = leftOut.slice(0, SHOWN).map(({ name, reason }) => `${name} ${reason}`);
  const more = leftOut.length > SHOWN ? `; and ${leftOut.length - SHOWN} more` : '';
  return `${leftOut.length} of ${leftOut.length + samples} left out: ${shown.join('; ')}${more}.`;
}

/** Names said in a sentence; a page does not list thousands. */
const SHOWN = 8;
