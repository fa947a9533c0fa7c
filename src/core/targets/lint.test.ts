/** A deliberately bad file for each rule: found, and gone when its fix is applied. */
import { describe, expect, it } from 'vitest';
import type { FileFacts, OperatorFacts, TensorFacts } from './file-facts';
import { leastArena } from './limits/memory';
import { lint } from './lint';
import { sarif } from './sarif';
import { TARGETS, targetOf } from './table';

let count = 0;
const tensor = (overrides: Partial<TensorFacts> = {}): TensorFacts => ({
  index: count++,
  name: `t${count}`,
  type: 'int8',
  shape: [1, 8, 8, 16],
  openShape: false,
  scales: [0.5],
  zeroPoints: [0n],
  constant: false,
  data: new Uint8Array(),
  ...overrides,
});

const constant = (
  type: string,
  shape: readonly number[],
  data: Int8Array | Int32Array,
  scales: readonly number[] = [0.5],
) => tensor({ type, shape, constant: true, data: new Uint8Array(data.buffer), scales });

const operator = (
  name: string,
  inputs: OperatorFacts['inputs'],
  output = tensor(),
  options: Readonly<Record<string, number>> = {},
): OperatorFacts => ({
  index: 0,
  name,
  version: 1,
  inputs,
  outputs: [output],
  option: (field) => new Map(Object.entries(options)).get(field),
});

const file = (...operators: OperatorFacts[]): FileFacts => ({
  name: 'f.tflite',
  bytes: 2000,
  operators,
  inputs: [operators[0].inputs[0]!],
  outputs: [operators.at(-1)!.outputs[0]],
  metadata: [],
});

const rules = (target: string, ...operators: OperatorFacts[]) =>
  lint(file(...operators), targetOf(target)!).findings.map(({ rule }) => rule);

const filter = (type = 'int8', scales: readonly number[] = [0.5], value = 1) =>
  constant(type, [4, 3, 3, 16], new Int8Array(4 * 9 * 16).fill(value), scales);
const bias = () => constant('int32', [4], new Int32Array(4));

const CASES: readonly [rule: string, target: string, bad: OperatorFacts, good: OperatorFacts][] = [
  ['ethos-u/operator', 'ethos-u55', operator('COS', [tensor()]), operator('ABS', [tensor()])],
  [
    'ethos-u/type',
    'ethos-u55',
    operator('ABS', [tensor({ type: 'float32', scales: [] })]),
    operator('ABS', [tensor()]),
  ],
  [
    'ethos-u/kernel',
    'ethos-u55',
    operator('AVERAGE_POOL_2D', [tensor()], tensor(), { padding: 0, filterW: 9, filterH: 8 }),
    operator('AVERAGE_POOL_2D', [tensor()], tensor(), { padding: 0, filterW: 8, filterH: 8 }),
  ],
  [
    'ethos-u/kernel',
    'ethos-u85',
    operator('MAX_POOL_2D', [tensor()], tensor(), { padding: 1, filterW: 1, filterH: 257 }),
    operator('MAX_POOL_2D', [tensor()], tensor(), { padding: 1, filterW: 256, filterH: 256 }),
  ],
  [
    'ethos-u/stride',
    'ethos-u65',
    operator('CONV_2D', [tensor(), filter(), bias()], tensor(), { padding: 0, strideW: 4, strideH: 4 }),
    operator('CONV_2D', [tensor(), filter(), bias()], tensor(), { padding: 1, strideW: 4, strideH: 4 }),
  ],
  [
    'ethos-u/weights',
    'ethos-u55',
    operator('CONV_2D', [tensor(), filter('int4'), bias()]),
    operator('CONV_2D', [tensor(), filter(), bias()]),
  ],
  [
    'ethos-u/bias',
    'ethos-u55',
    operator('CONV_2D', [tensor(), filter(), tensor({ type: 'int32' })]),
    operator('CONV_2D', [tensor(), filter(), bias()]),
  ],
  [
    'ethos-u/weight-sum',
    'ethos-u55',
    operator('FULLY_CONNECTED', [tensor(), constant('int8', [1, 65_537], new Int8Array(65_537).fill(127)), null]),
    operator('FULLY_CONNECTED', [tensor(), constant('int8', [1, 65_536], new Int8Array(65_536).fill(127)), null]),
  ],
  [
    'ethos-u/resize',
    'ethos-u55',
    operator('RESIZE_BILINEAR', [tensor()], tensor({ shape: [1, 24, 24, 16] })),
    operator('RESIZE_BILINEAR', [tensor()], tensor({ shape: [1, 32, 32, 16] })),
  ],
  [
    'ethos-u/resize',
    'ethos-u55',
    operator('RESIZE_BILINEAR', [tensor()], tensor({ shape: [1, 32, 32, 16] }), { halfPixelCenters: 1 }),
    operator('RESIZE_BILINEAR', [tensor()], tensor({ shape: [1, 16, 16, 16] }), { halfPixelCenters: 1 }),
  ],
  [
    'ethos-u/same-parameters',
    'ethos-u55',
    operator('MAXIMUM', [tensor(), tensor({ scales: [0.25] })]),
    operator('MAXIMUM', [tensor(), tensor()]),
  ],
  [
    'ethos-u/mean',
    'ethos-u85',
    operator('MEAN', [
      tensor({ type: 'int16', shape: [1, 257, 256, 4] }),
      constant('int32', [2], Int32Array.of(1, 2), []),
    ]),
    operator('MEAN', [
      tensor({ type: 'int16', shape: [1, 256, 256, 4] }),
      constant('int32', [2], Int32Array.of(1, 2), []),
    ]),
  ],
  ['tflm/operator', 'tflm', operator('ATAN2', [tensor(), tensor()]), operator('ADD', [tensor(), tensor()])],
  [
    'tflm/hybrid',
    'tflm',
    operator('FULLY_CONNECTED', [tensor({ type: 'float32', scales: [] }), filter(), null]),
    operator('FULLY_CONNECTED', [tensor(), filter(), null]),
  ],
  [
    'tflm/int4-dense',
    'tflm',
    operator('FULLY_CONNECTED', [tensor(), filter('int4', [0.5, 0.25]), null]),
    operator('FULLY_CONNECTED', [tensor(), filter('int4'), null]),
  ],
  [
    'tflm/dequantize-scales',
    'cmsis-nn',
    operator('DEQUANTIZE', [filter('int8', [0.5, 0.25])], tensor({ type: 'float32' })),
    operator('DEQUANTIZE', [filter()], tensor({ type: 'float32' })),
  ],
  [
    'esp-nn/dense-two-outputs',
    'esp-nn',
    operator('FULLY_CONNECTED', [tensor(), constant('int8', [2, 4], new Int8Array(8), [0.5, 0.25]), null]),
    operator('FULLY_CONNECTED', [tensor(), constant('int8', [2, 4], new Int8Array(8)), null]),
  ],
  [
    'esp-dl/power-of-two',
    'esp-dl',
    operator('ABS', [tensor({ scales: [0.3] })]),
    operator('ABS', [tensor({ scales: [0.25] })]),
  ],
  [
    'edge-tpu/dimensions',
    'edge-tpu',
    operator('ABS', [tensor({ shape: [2, 8, 8, 16] })]),
    operator('ABS', [tensor({ shape: [1, 8, 8, 16] })]),
  ],
  [
    'hexagon-v68/per-channel',
    'hexagon-v68',
    operator('FULLY_CONNECTED', [tensor(), filter('int8', [0.5, 0.25]), bias()]),
    operator('CONV_2D', [tensor(), filter('int8', [0.5, 0.25]), bias()]),
  ],
  [
    'stm32mp2/per-channel',
    'stm32mp2',
    operator('CONV_2D', [tensor(), filter('int8', [0.5, 0.25]), bias()]),
    operator('CONV_2D', [tensor(), filter(), bias()]),
  ],
  ['litert/int16', 'litert-js', operator('ABS', [tensor({ type: 'int16' })]), operator('ABS', [tensor()])],
  ['litert/custom', 'litert', operator('CUSTOM FlexErf', [tensor()]), operator('ABS', [tensor()])],
];

describe('limits', () => {
  it.each(CASES)('%s on %s', (rule, target, bad, good) => {
    expect(rules(target, bad)).toContain(rule);
    expect(rules(target, good)).not.toContain(rule);
  });

  it('holds the file and its activations against the budget of the device', () => {
    const [a, b, c] = [tensor(), tensor(), tensor({ shape: [1, 4, 4, 16] })];
    const model = file(operator('ABS', [a], b), operator('MAX_POOL_2D', [b], c));
    // Two maps of 8·8·16 bytes live while the first operator runs.
    expect(leastArena(model)).toBe(2048);
    const found = (arenaBytes: number, flashBytes: number) =>
      lint(model, targetOf('tflm')!, { arenaBytes, flashBytes }).findings.map(({ rule }) => rule);
    expect(found(2048, 2000)).toEqual([]);
    expect(found(2047, 1999)).toEqual(['memory/flash', 'memory/arena']);
  });

  it('lists what is worst first, and says so in SARIF', () => {
    const result = lint(
      file(operator('ABS', [tensor({ type: 'int16' })]), operator('CUSTOM x', [tensor()])),
      targetOf('litert-js')!,
    );
    expect(result.findings.map(({ severity }) => severity)).toEqual(['error', 'warning']);
    const log = sarif([result], '1.2.3') as { runs: { results: { level: string; ruleId: string }[] }[] };
    expect(log.runs[0].results.map(({ level, ruleId }) => `${level} ${ruleId}`)).toEqual([
      'error litert/custom',
      'warning litert/int16',
    ]);
  });

  it('has every target once', () => {
    expect(new Set(TARGETS.map(({ id }) => id)).size).toBe(TARGETS.length);
    expect(TARGETS.length).toBeGreaterThanOrEqual(15);
  });
});
