/**
 * The single-op tests that come with ONNX. All whose operators have rows and whose results are real numbers are in scope;
 * each of them passes, or is refused with words that are written down here.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixturePath, haveFixtures } from '../../../testing/fixtures';
import { atOpset, onnxCase, opsetOf, runCase } from '../../../testing/onnx-cases';
import { toErrorInfo, type ErrorInfo } from '../../errors';
import { isReal } from './constant';
import { ONNX_OPS } from './ops/table';
import { NEWEST_OPSET } from './read';

const TOLERANCE = 1e-3;

/** Ops that are read where their values are known, as in shape arithmetic: TensorFlow Lite has none for tensors. */
const KNOWN_ONLY = /(Equal|Less|Floor|Sign|ReduceProd) ".*modelled for values known beforehand only/;
/** Everything else in scope that is refused: words of the refusal → tests. */
const REFUSED: readonly (readonly [says: RegExp, tests: readonly string[]])[] = [
  [/elements of type U?INT/, ['test_dequantizelinear', 'test_dequantizelinear_int16']],
  [/3 spatial dimensions; 1 and 2 are modelled/, ['test_maxpool_3d_dilations']],
  [
    /leaves its size along dimension 1 open/, // tensors without values
    [
      'test_reduce_l1_empty_set',
      'test_reduce_l2_empty_set',
      'test_reduce_log_sum_empty_set_expanded',
      'test_reduce_log_sum_exp_empty_set',
      'test_reduce_max_empty_set',
      'test_reduce_sum_empty_set',
      'test_reduce_sum_empty_set_non_reduced_axis_zero',
    ],
  ],
  [/does not fit into \[3, 4, 0\]/, ['test_reshape_allowzero_reordered']],
  [/its result is empty/, ['test_slice_start_out_of_bounds']],
];

const cases = !haveFixtures
  ? []
  : ['onnx_node', 'onnx_simple']
      .flatMap((set) => readdirSync(fixturePath(`conformance/${set}`)).map((name) => `conformance/${set}/${name}`))
      .flatMap((folder) => onnxCase(folder) ?? [])
      .filter(({ ops }) => ops.every((op) => Object.hasOwn(ONNX_OPS, op)))
      .filter(
        ({ inputs, outputs }) => inputs.some(({ type }) => isReal(type)) && outputs.every(({ type }) => isReal(type)),
      )
      // Later releases of the operator set only add types to the operators in question.
      .map((test) =>
        opsetOf(test.model) > NEWEST_OPSET ? { ...test, model: atOpset(test.model, NEWEST_OPSET) } : test,
      );

/** The error of a test that ran, or its refusal. */
function outcome(test: (typeof cases)[number]): number | ErrorInfo {
  try {
    return runCase(test).error;
  } catch (thrown) {
    return toErrorInfo(thrown);
  }
}

describe.skipIf(!haveFixtures)("ONNX's own tests", () => {
  const outcomes = new Map(cases.map((test) => [test.name, outcome(test)]));

  it.each(cases.map(({ name }) => name))('%s', (name) => {
    const result = outcomes.get(name)!;
    const refused = REFUSED.find(([, tests]) => tests.includes(name));
    if (typeof result === 'number' && !refused) expect(result).toBeLessThan(TOLERANCE);
    else expect(result).toMatchObject({ message: expect.stringMatching(refused?.[0] ?? KNOWN_ONLY) });
  });

  it('pass to nine tenths', () => {
    const all = [...outcomes.values()];
    const passed = all.filter((result) => typeof result === 'number').length;
    const inScope = all.filter((result) => typeof result === 'number' || !KNOWN_ONLY.test(result.message)).length;
    expect(inScope).toBeGreaterThan(160);
    expect(passed / inScope).toBeGreaterThan(0.92);
  });
});
