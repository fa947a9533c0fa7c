/** Two data sets opened as one: the first to calibrate with, the second to evaluate on. */
import { RangefinderError } from '../../base/errors';
import type { SampleSource } from './types';

/**
 * The samples of both, those to calibrate with first. Labels and targets are those of the evaluation set; of the other they
 * are kept where both name the same classes.
 * @throws RangefinderError 'invalid-data' where the two name their classes differently
 */
export function separateSets(calibration: SampleSource, evaluation: SampleSource): SampleSource {
  const { labels: _l, classNames: _c, targets: _t, sampleNames: _s, byOutput: _b, masks, boxes, excerpts: _e, whole: _w, ...rest } = evaluation; // prettier-ignore
  const start = calibration.size;
  const size = start + evaluation.size;
  const of = (index: number): readonly [SampleSource, number] =>
    index < start ? [calibration, index] : [evaluation, index - start];
  return {
    ...rest,
    ...together(calibration, evaluation),
    name: `${calibration.name}, evaluated on ${evaluation.name}`,
    size,
    evaluationStart: start,
    fetch: (index) => {
      const [source, at] = of(index);
      source.fetch?.(at);
    },
    ...(evaluation.readMask && {
      readMask: async (index: number) => {
        const [source, at] = of(index);
        return source.readMask?.(at) ?? null;
      },
    }),
    ...(masks && { masks: { ...masks, of: (index: number) => marksOf(of(index), 'masks') ?? [] } }),
    ...(boxes && { boxes: { ...boxes, of: (index: number) => marksOf(of(index), 'boxes') ?? [] } }),
    ...(calibration.excerpts &&
      evaluation.excerpts && {
        excerpts: async (cut) => separateSets(await calibration.excerpts!(cut), await evaluation.excerpts!(cut)),
      }),
    leftOut: [...(calibration.leftOut ?? []), ...(evaluation.leftOut ?? [])],
    notes: [...(calibration.notes ?? []), ...(evaluation.notes ?? [])],
    ...((calibration.problem ?? evaluation.problem) && {
      problem: async (index: number) => {
        const [source, at] = of(index);
        return source.problem?.(at);
      },
    }),
    read: async (index) => {
      const [source, at] = of(index);
      return source.read(at);
    },
  };
}

function marksOf<K extends 'masks' | 'boxes'>([source, at]: readonly [SampleSource, number], kind: K) {
  return source[kind]?.of(at) as ReturnType<NonNullable<SampleSource[K]>['of']> | undefined;
}

type Fields = Pick<SampleSource, 'labels' | 'classNames' | 'targets' | 'sampleNames'>;

function together(calibration: SampleSource, evaluation: SampleSource): Fields {
  const start = calibration.size;
  const size = start + evaluation.size;
  const names = (source: SampleSource) =>
    source.sampleNames ?? Array.from({ length: source.size }, (_, i) => `${source.name}, sample ${i}`);
  const sampleNames =
    calibration.sampleNames || evaluation.sampleNames
      ? { sampleNames: [...names(calibration), ...names(evaluation)] }
      : {};
  const { labels, classNames, targets } = evaluation;
  if (labels) {
    const known = calibration.labels;
    const differ = known && calibration.classNames?.join('\n') !== classNames?.join('\n');
    if (differ)
      throw new RangefinderError({
        code: 'invalid-data',
        message: `The data to calibrate with and the data to evaluate on name different classes: ${some(calibration)} and ${some(evaluation)}.`,
        where: evaluation.name,
        hint: 'Use sets of the same classes, or calibrate with unlabelled samples.',
      });
    const all = new Int32Array(size).fill(-1);
    if (known) all.set(known);
    all.set(labels, start);
    return { ...sampleNames, labels: all, ...(classNames && { classNames }) };
  }
  if (!targets) return sampleNames;
  const each = targets.values.length / evaluation.size;
  const values = new Float32Array(size * each);
  const known = calibration.targets;
  if (known?.shape.join() === targets.shape.join()) values.set(known.values);
  values.set(targets.values, start * each);
  return { ...sampleNames, targets: { shape: targets.shape, values } };
}

function some({ classNames = [] }: SampleSource): string {
  return classNames.length === 0 ? 'none' : classNames.slice(0, 4).join(', ') + (classNames.length > 4 ? ', …' : '');
}
