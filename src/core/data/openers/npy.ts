/** .npy files, dropped one by one or as the entries of an .npz: which of them are the samples, which the labels. */
import { RangefinderError } from '../../../base/errors';
import { elementCount } from '../../graph/graph';
import { labelsOfNumbers, labelsOfWords, type ReadLabels } from '../labels';
import { withoutSamples } from '../left-out';
import { matchByName, matchInputs, type InputPlace } from '../match-inputs';
import { isNpy, parseNpy, parseNpyWords, type NpyArray } from '../npy';
import type { SampleSource } from '../types';
import { arraySource, checkCounts, joinedSource, numbersOf } from './arrays';
import type { DataOpener } from './opener';

/** A class for each pixel of each sample. */
const MASKS = ['masks', 'mask', 'segmentations', 'label_maps'];

/** Names of samples and of their labels, in order of preference: what was held back for testing comes first. */
const PAIRS: readonly (readonly [samples: string, labels: readonly string[]])[] = [
  ['x_test', ['y_test']],
  ['x_val', ['y_val']],
  ['x', ['y', ...MASKS]],
  ['x_train', ['y_train']],
  ['test_images', ['test_labels']],
  ['images', ['labels', 'classes', ...MASKS]],
  ['data', ['labels', 'label', 'target', 'targets']],
  ['features', ['labels', 'targets']],
  ['inputs', ['targets', 'outputs', 'labels']],
  ['input', ['target', 'output', 'label']],
  ['arr_0', ['arr_1']],
];

const LABEL_NAME = /(^|[_.\- ])(y|labels?|targets?|class(es)?)([_.\- ]|\d*$)/i;

export const npyOpener: DataOpener = {
  id: 'npy',
  label: 'NumPy arrays (.npy, .npz)',
  recognises: isNpy,
  open: (files, { inputs = [], outputs = [] }) =>
    namedArrays(
      files.map((file) => ({
        path: file.path,
        array: () => parseNpy(file.bytes(), file.path),
        labels: () => labelsOfNpy(file.bytes(), file.path),
      })),
      inputs,
      outputs,
    ),
};

type CountedLabels = ReadLabels & { readonly count: number };

/** An array by the name it was saved with, read when it turns out to be wanted, as samples or as their labels. */
export interface NamedArray {
  readonly path: string;
  array(): NpyArray;
  labels(): CountedLabels;
}

/** Arrays that come together as one data set. @throws RangefinderError 'invalid-data' where they do not fit the inputs */
export function namedArrays(
  files: readonly NamedArray[],
  inputs: readonly InputPlace[],
  outputs: readonly string[] = [],
): SampleSource {
  const answers = namedAsOutputs(files, outputs);
  const others = files.filter((file) => ![...answers.values()].includes(file));
  const { samples, labels } = chooseNamed(others, inputs) ?? choose(others, inputs);
  const name = samples.map(({ path }) => path).join(', ');
  const arrays = samples.map((file) => file.array());
  const sources = arrays.map((array, i) => arraySource(samples[i].path, array));
  const source = inputs.length > 1 ? matched(name, samples, arrays, sources, inputs) : joinedSource(name, sources);
  const byOutput = new Map([...answers].map(([output, file]) => [output, readFor(file, source.size).fields]));
  const answered = { ...source, ...(byOutput.size > 0 && { byOutput }) };
  if (!labels) return answered;
  const { fields, missing } = readFor(labels, source.size);
  return withoutSamples({ ...answered, ...fields }, missing);
}

function readFor(file: NamedArray, samples: number): ReadLabels {
  const { count, ...read } = file.labels();
  checkCounts(file.path, samples, count);
  return read;
}

/** Arrays called as outputs of the model are, "y_pose" for pose among them; of models with one output all answers are its. */
function namedAsOutputs(files: readonly NamedArray[], outputs: readonly string[]): Map<string, NamedArray> {
  const named = new Map<string, NamedArray>();
  if (outputs.length < 2) return named;
  const bare = (name: string) => name.toLowerCase().replace(/^(y|labels?|targets?)_|_(true|labels?|targets?)$/g, '');
  for (const output of outputs) {
    const file = files.find((one) => bare(nameOf(one)) === output.split(';')[0].toLowerCase());
    if (file) named.set(output, file);
  }
  return named;
}

/** Labels or targets in a file of one array, whose first dimension is the sample. */
export function labelsOfNpy(bytes: Uint8Array, where: string): CountedLabels {
  const words = parseNpyWords(bytes, where);
  if (words) return { ...labelsOfWords(words), count: words.length };
  return labelsOfArray(parseNpy(bytes, where));
}

export function labelsOfArray({ shape, dtype, data }: NpyArray): CountedLabels {
  const areClasses = /^u?int|bool/.test(dtype);
  return { ...labelsOfNumbers(numbersOf(data), shape.slice(1), areClasses), count: shape[0] ?? 0 };
}

/** The arrays of a model's inputs, put in their order. */
function matched(
  name: string,
  files: readonly NamedArray[],
  arrays: readonly NpyArray[],
  sources: readonly SampleSource[],
  inputs: readonly InputPlace[],
): SampleSource {
  const segments = segmentsLeftOut(files, inputs);
  if (segments) {
    const { size } = sources[0];
    const array: NpyArray = { shape: [size, ...segments.shape], dtype: 'uint8', data: new Uint8Array(0) };
    const row = { shape: segments.shape, values: new Float32Array(elementCount(segments.shape)) };
    const [path] = segments.names;
    const source = matched(
      name,
      [...files, { path, array: () => array, labels: () => labelsOfArray(array) }],
      [...arrays, array],
      [...sources, { name: path, kind: 'array', size, read: async () => row }],
      inputs,
    );
    return { ...source, matching: `${source.matching} There is no ${path}: all tokens are of segment 0.` };
  }
  const places = arrays.map(({ shape }, i) => ({ name: nameOf(files[i]), shape: shape.slice(1) }));
  const { order, reason } = matchInputs(inputs, places, name);
  return {
    ...joinedSource(
      name,
      order.map((at) => sources[at]),
    ),
    matching: reason,
  };
}

/** The input that tells sentences apart, which tokenizers leave out where there is one sentence. */
function segmentsLeftOut(files: readonly NamedArray[], inputs: readonly InputPlace[]): InputPlace | undefined {
  if (files.length !== inputs.length - 1) return undefined;
  const isOfSegments = (name: string) => /(token_type|segment)_?ids?/i.test(name);
  const hasSegments = files.some((file) => isOfSegments(nameOf(file)));
  return hasSegments ? undefined : inputs.find(({ names }) => names.some(isOfSegments));
}

interface Chosen {
  readonly samples: readonly NamedArray[];
  readonly labels?: NamedArray | undefined;
}

const nameOf = ({ path }: NamedArray) => path.slice(path.lastIndexOf('/') + 1).replace(/\.npy$/i, '');

/** Arrays called as the model's inputs are, and labels among the rest; null where they are not. */
function chooseNamed(files: readonly NamedArray[], inputs: readonly InputPlace[]): Chosen | null {
  const named =
    inputs.length > 0
      ? matchByName(
          inputs,
          files.map((file) => ({ name: nameOf(file), shape: [] })),
        )
      : null;
  if (!named) return null;
  const samples = named.order.map((at) => files[at]);
  const labels = files.filter((file) => !samples.includes(file) && isLabels(file));
  return { samples, ...(labels.length === 1 && { labels: labels[0] }) };
}

const isLabels = (file: NamedArray) => LABEL_NAME.test(nameOf(file)) || nameOf(file).toLowerCase() === 'out0';

function choose(files: readonly NamedArray[], inputs: readonly InputPlace[]): Chosen {
  const byName = new Map(files.map((file) => [nameOf(file).toLowerCase(), file]));
  for (const [samples, labelNames] of PAIRS) {
    const file = byName.get(samples);
    if (!file) continue;
    const label = labelNames.find((name) => byName.has(name));
    return { samples: [file], ...(label !== undefined && { labels: byName.get(label) }) };
  }
  // One array per model input: in0, in1, …, out0.
  const numbered: NamedArray[] = [];
  for (let file = byName.get('in0'); file; file = byName.get(`in${numbered.length}`)) numbered.push(file);
  if (numbered.length > 0) return { samples: numbered, ...(byName.has('out0') && { labels: byName.get('out0') }) };

  const [labels, samples] = [true, false].map((wanted) =>
    files.filter((file) => LABEL_NAME.test(nameOf(file)) === wanted),
  );
  if (samples.length === 1 && labels.length <= 1) return { samples, ...(labels.length === 1 && { labels: labels[0] }) };
  if (files.length === 1) return { samples: files };
  if (inputs.length > 1 && samples.length > 0 && labels.length <= 1)
    return { samples, ...(labels.length === 1 && { labels: labels[0] }) };
  throw new RangefinderError({
    code: 'invalid-data',
    message: `There are ${files.length} arrays, and their names do not tell which holds the samples.`,
    hint: 'Name them x and y (numpy.savez(file, x=…, y=…)), or drop one array.',
    details: files.slice(0, 20).map(({ path }) => path),
  });
}
