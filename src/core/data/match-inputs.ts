/** Which array of a data set is which input of a model: by name, then by shape, never by where it happens to stand. */
import { RangefinderError } from '../../base/errors';

/** An input of a model as data sees it. */
export interface InputPlace {
  /** What it may be called, the best first: by its tensor, and by the signatures of the file. */
  readonly names: readonly string[];
  /** Without the batch. */
  readonly shape: readonly number[];
}

/** An array of a data set: samples along a first dimension, which is left out here. */
export interface ArrayPlace {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Matching {
  /** For each input of the model the position of its array. */
  readonly order: readonly number[];
  /** How it was found, as a sentence. */
  readonly reason: string;
}

/** Names are compared without what TensorFlow puts around them, and without regard to case. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/^serving_default_/, '')
    .replace(/:\d+$/, '');
}

const essential = (shape: readonly number[]) => shape.filter((d) => d !== 1).join('×');
const inWords = (shape: readonly number[]) => shape.join('×') || 'one value';

/** Whether samples of this shape can be the input's: the same but for dimensions of one, or channels first. */
function fits(array: readonly number[], input: readonly number[]): boolean {
  if (essential(array) === essential(input)) return true;
  const planar = array.length === 3 && [array[1], array[2], array[0]].join() === input.join();
  return planar;
}

/** Position of the array that has one of the input's names; −1 where none has. */
function namedLike({ names }: InputPlace, arrays: readonly ArrayPlace[]): number {
  for (const name of names) {
    const at = arrays.findIndex((array) => plain(array.name) === plain(name));
    if (at >= 0) return at;
  }
  return -1;
}

/** The arrays whose names are those of all the model's inputs; null where one is not there. */
export function matchByName(inputs: readonly InputPlace[], arrays: readonly ArrayPlace[]): Matching | null {
  const order = inputs.map((input) => namedLike(input, arrays));
  if (order.includes(-1) || new Set(order).size < order.length) return null;
  return { order, reason: 'Arrays go to the inputs of their names.' };
}

/**
 * The arrays in the order of the inputs: by their names where these tell, otherwise by their shapes, and where several are
 * of one shape in the order they came in.
 * @param arrays candidates for the inputs, labels not among them
 * @throws RangefinderError 'invalid-data' with the shapes of both sides where they do not fit
 */
export function matchInputs(inputs: readonly InputPlace[], arrays: readonly ArrayPlace[], where: string): Matching {
  const named = matchByName(inputs, arrays);
  const matching = named ?? matchByShape(inputs, arrays);
  const sound = matching?.order.every((at, i) => fits(arrays[at].shape, inputs[i].shape));
  if (matching && sound) return matching;
  const side = (places: readonly (readonly [string, readonly number[]])[]) =>
    places.map(([name, shape]) => `${name} of ${inWords(shape)}`).join(', ');
  const wanted = side(inputs.map(({ names, shape }) => [plain(names[0] ?? ''), shape]));
  const given = side(arrays.map(({ name, shape }) => [name, shape]));
  throw new RangefinderError({
    code: 'invalid-data',
    message: `The arrays do not fit the inputs: the model takes ${wanted}; the data has ${given}.`,
    where,
    hint: 'Save one array for each input under its name, the samples along the first dimension.',
  });
}

function matchByShape(inputs: readonly InputPlace[], arrays: readonly ArrayPlace[]): Matching | null {
  if (inputs.length !== arrays.length) return null;
  const alike = arrays.every(({ shape }, i) => fits(shape, inputs[i].shape));
  const free = new Set(arrays.keys());
  const order = inputs.map((input, i) => {
    const at = alike ? i : ([...free].find((candidate) => fits(arrays[candidate].shape, input.shape)) ?? -1);
    free.delete(at);
    return at;
  });
  if (order.includes(-1)) return null;
  const several = new Set(inputs.map(({ shape }) => essential(shape))).size < inputs.length;
  const pairs = order.map((at, i) => `${arrays[at].name} → ${plain(inputs[i].names[0] ?? '')}`).join(', ');
  const doubt = several ? '; of those of one shape, in the order they came in' : '';
  return { order, reason: `Arrays go to inputs by their shapes: ${pairs}${doubt}.` };
}
