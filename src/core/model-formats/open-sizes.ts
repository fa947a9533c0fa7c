/** Dimensions of inputs, besides the batch, whose size a file leaves open, and the sizes that they are given. */
import { RangefinderError } from '../../base/errors';

/** By the name of the dimension: the file's own where it has one, else the input's with the axis, "x[1]". */
export type InputSizes = Readonly<Record<string, number>>;

/** Its size, the name the file has for an open one, or null where it has none. */
export type Dimension = number | string | null;

/** A larger one is a slip; what a network of it needs is checked elsewhere. */
const LARGEST = 2 ** 20;

export class OpenSizes {
  readonly #open = new Set<string>();
  readonly #known = new Set<string>();
  readonly #inputs: string[] = [];

  constructor(private readonly given: InputSizes) {}

  /**
   * Sizes of an input without its batch, the given ones filled in. Where one is missing, 1 stands for it until
   * {@link check} refuses the model.
   */
  fixed(input: string, dimensions: readonly Dimension[]): number[] {
    let complete = true;
    const names: (string | number)[] = [];
    const sizes = dimensions.map((dimension, i) => {
      if (typeof dimension === 'number') {
        names.push(dimension);
        return dimension;
      }
      const name = dimension ?? nameOf(input, i);
      names.push(name);
      this.#known.add(name);
      if (Object.hasOwn(this.given, name)) return checked(name, this.given[name]);
      complete = false;
      this.#open.add(name);
      return 1;
    });
    if (!complete) this.#inputs.push(`"${input}": [N, ${names.join(', ')}]`);
    return sizes;
  }

  /** Whether a size was given for the dimension without a name at this place, the batch left out. */
  isGiven(input: string, axis: number): boolean {
    return Object.hasOwn(this.given, nameOf(input, axis));
  }

  /** @throws RangefinderError 'unsupported-feature' naming all that is open; 'invalid-settings' for a name that is not */
  check(where: string): void {
    const stray = Object.keys(this.given).find((name) => !this.#known.has(name));
    if (stray !== undefined)
      throw new RangefinderError({
        code: 'invalid-settings',
        message: `No dimension called "${stray}" is open in this model.`,
        where,
        hint: this.#known.size > 0 ? `Open are: ${[...this.#known].join(', ')}.` : 'Open it without sizes.',
      });
    if (this.#open.size === 0) return;
    const several = this.#inputs.length > 1;
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: several
        ? `${this.#inputs.length} inputs leave sizes open, for instance ${this.#inputs[0]}.`
        : `An input leaves sizes open: ${this.#inputs[0]}.`,
      where,
      hint: 'Say which sizes it is to be used with: a quantized model has fixed ones. Or export it for these sizes.',
      ...(several && { details: this.#inputs }),
      openSizes: [...this.#open],
    });
  }
}

const nameOf = (input: string, axis: number) => `${input}[${axis + 1}]`;

function checked(name: string, size: number): number {
  if (Number.isInteger(size) && size >= 1 && size <= LARGEST) return size;
  throw new RangefinderError({
    code: 'invalid-settings',
    message: `The size of "${name}" is ${size}; it takes a whole number from 1 to ${LARGEST.toLocaleString('en')}.`,
    where: name,
    hint: 'Give the number of values along this dimension.',
  });
}
