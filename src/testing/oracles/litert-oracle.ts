/** The real runtime as oracle of the integer engine: builds int8 graphs with random parameters, compares every element. */
import { expect } from 'vitest';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { GraphBuilder, type OpOptions } from '../../core/graph/build';
import {
  elementCount,
  tensorOf,
  type Graph,
  type QuantParams,
  type Shape,
  type TensorData,
} from '../../core/graph/graph';
import type { OpAttrs, OpKind } from '../../core/graph/ops/attrs';
import { IntegerModel } from '../../engine/integer/model';
import { xnnpack } from '../../engine/integer/profiles/xnnpack';
import { nodeHost } from '../../engine/litert/node-host';
import { LiteRt } from '../../engine/litert/runtime';

let booted: Promise<LiteRt> | undefined;

/** One runtime for all tests of a file. */
export function bootLiteRt(): Promise<LiteRt> {
  return (booted ??= LiteRt.boot(nodeHost()));
}

/** mulberry32: small, seeded, good enough to pick test cases. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  real(from = 0, to = 1): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return from + (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * (to - from);
  }

  whole(from: number, to: number): number {
    return Math.floor(this.real(from, to + 1));
  }

  pick<T>(...choices: readonly T[]): T {
    return choices[this.whole(0, choices.length - 1)];
  }

  codes(count: number, lowest = -128): Int8Array {
    return Int8Array.from({ length: count }, () => this.whole(lowest, 127));
  }

  /** Logarithmically even over what activations have. */
  scale(from = 0.002, to = 0.3): number {
    return Math.fround(Math.exp(this.real(Math.log(from), Math.log(to))));
  }

  quant(scale = this.scale(), zeroPoint = this.whole(-128, 127)): QuantParams {
    return affine(scale, zeroPoint);
  }
}

export function affine(scale: number, zeroPoint: number): QuantParams {
  return { scale: Float32Array.of(scale), zeroPoint: Int32Array.of(zeroPoint), quantizedDimension: 0 };
}

/** All 256 codes, and all 65,536 pairs of them. */
export const ALL_CODES = Int8Array.from({ length: 256 }, (_, i) => i - 128);
export const PAIRS = [
  Int8Array.from({ length: 65536 }, (_, i) => (i >> 8) - 128),
  Int8Array.from({ length: 65536 }, (_, i) => (i & 255) - 128),
] as const;

export interface Operand {
  readonly shape: Shape;
  readonly quant?: QuantParams;
  readonly dtype?: 'int8' | 'int4' | 'float32' | 'int32' | 'bool';
  /** Makes it a constant. */
  readonly data?: TensorData;
}

/** A graph of one op. */
export function oneOp<K extends OpKind>(
  kind: K,
  attrs: OpAttrs[K],
  operands: readonly (Operand | null)[],
  output: OpOptions,
): Graph {
  const builder = new GraphBuilder(kind);
  const inputs = operands.map((operand, i) => {
    if (operand === null) return null;
    const { shape, quant, data, dtype = 'int8' } = operand;
    return data
      ? builder.constant(`c${i}`, data, shape, { dtype, ...(quant && { quant }) })
      : builder.input(`x${i}`, shape, dtype, quant);
  });
  return builder.build(builder.op(kind, 'op', inputs, attrs, output));
}

export interface Difference {
  readonly elements: number;
  readonly mismatches: number;
  /** The first few, as "tensor[index]: runtime / reference". */
  readonly examples: readonly string[];
}

/** Runs the graph's inputs (random codes where not given) through both; compares the graph's outputs. */
export async function differ(graph: Graph, dice: Dice, given?: readonly TensorData[]): Promise<Difference> {
  const inputs = given ?? graph.inputs.map((id) => dice.codes(elementCount(tensorOf(graph, id).shape)));
  const model = (await bootLiteRt()).load(writeTflite(graph));
  try {
    const actual = model.run(inputs);
    const computed = IntegerModel.load(graph, xnnpack).run(new Map(graph.inputs.map((id, i) => [id, inputs[i]])));
    const examples: string[] = [];
    let elements = 0;
    let mismatches = 0;
    graph.outputs.forEach((id, k) => {
      const expected = actual[k];
      const values = computed.get(id)!.data;
      expect(values.length).toBe(expected.length);
      for (let i = 0; i < expected.length; i++, elements++)
        if (expected[i] !== values[i] && mismatches++ < 4) examples.push(`${id}[${i}]: ${expected[i]} / ${values[i]}`);
    });
    return { elements, mismatches, examples };
  } finally {
    model.dispose();
  }
}

/** `times` random graphs, seeded by the case's number; fails on the first element that differs. */
export async function expectAgreement(
  times: number,
  make: (dice: Dice) => Graph | { graph: Graph; given: readonly TensorData[] },
): Promise<void> {
  for (let seed = 1; seed <= times; seed++) {
    const dice = new Dice(seed);
    const made = make(dice);
    const { graph, given } = 'graph' in made ? made : { graph: made, given: undefined };
    const { mismatches, elements, examples } = await differ(graph, dice, given);
    expect(elements).toBeGreaterThan(0);
    expect({ seed, mismatches, examples }).toEqual({ seed, mismatches: 0, examples: [] });
  }
}
