import { RangefinderError } from '../../../base/errors';
import { readTensor, type Constant } from './constant';
import type { Message } from './proto/schema';

/** The attributes of a node by name, with the defaults of the operator's specification where the file leaves them out. */
export class Attributes {
  readonly #byName: ReadonlyMap<string, Message<'AttributeProto'>>;

  constructor(
    attributes: readonly Message<'AttributeProto'>[],
    private readonly where: string,
  ) {
    this.#byName = new Map(attributes.map((attribute) => [attribute.name ?? '', attribute]));
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  int(name: string, otherwise: number): number {
    return this.has(name) ? (this.#byName.get(name)!.i ?? 0) : otherwise;
  }

  float(name: string, otherwise: number): number {
    return this.has(name) ? (this.#byName.get(name)!.f ?? 0) : otherwise;
  }

  flag(name: string, otherwise = false): boolean {
    return this.int(name, otherwise ? 1 : 0) !== 0;
  }

  text(name: string, otherwise: string): string {
    return this.has(name) ? new TextDecoder().decode(this.#byName.get(name)!.s) : otherwise;
  }

  texts(name: string): string[] | undefined {
    const attribute = this.#byName.get(name);
    return attribute?.strings.map((bytes) => new TextDecoder().decode(bytes));
  }

  ints(name: string): number[] | undefined {
    const attribute = this.#byName.get(name);
    return attribute && [...attribute.ints];
  }

  floats(name: string): number[] | undefined {
    const attribute = this.#byName.get(name);
    return attribute && [...attribute.floats];
  }

  /** The bytes of a graph within the graph. */
  graph(name: string): Uint8Array | undefined {
    return this.#byName.get(name)?.g;
  }

  /** @throws RangefinderError as readTensor does, and 'corrupt-file' where the attribute holds none */
  tensor(name: string): Constant | undefined {
    const attribute = this.#byName.get(name);
    if (!attribute) return undefined;
    if (attribute.t) return readTensor(attribute.t, `attribute "${name}" of ${this.where}`, this.where);
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `This ONNX file is damaged: attribute "${name}" holds no tensor.`,
      where: this.where,
    });
  }
}
