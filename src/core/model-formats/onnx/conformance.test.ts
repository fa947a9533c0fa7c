/**
 * The tests that come with ONNX: each of a float operator in scope passes, or is refused with words that are written down
 * here. `npx tsx scripts/onnx-conformance.ts` prints them by operator.
 */
import { describe, expect, it } from 'vitest';
import { haveFixtures } from '../../../testing/fixtures/fixtures';
import { floatTests, outcomeOf, TOLERANCE } from '../../../testing/fixtures/onnx-conformance';

/** Words of the refusal → tests. */
const REFUSED: readonly (readonly [says: RegExp, tests: readonly string[]])[] = [
  [
    /elements of type INT[24], which Rangefinder does not feed/,
    [
      'test_castlike_INT2_to_FLOAT',
      'test_castlike_INT4_to_FLOAT',
      'test_dequantizelinear_int2',
      'test_dequantizelinear_int4',
    ],
  ],
  [/its windows lie as those of TensorFlow Lite cannot/, ['test_maxpool_3d_dilations']],
];

describe.skipIf(!haveFixtures)("ONNX's own tests", () => {
  const tests = floatTests().filter(({ outside }) => outside === undefined);
  const outcomes = new Map(tests.map((test) => [test.name, outcomeOf(test)]));

  it.each(tests.map(({ name }) => name))('%s', (name) => {
    const refused = REFUSED.find(([, names]) => names.includes(name));
    if (refused) expect(outcomes.get(name)).toMatch(refused[0]);
    else expect(outcomes.get(name)).toBeLessThan(TOLERANCE);
  });

  it('pass to nine tenths', () => {
    const passed = tests.filter(({ name }) => typeof outcomes.get(name) === 'number').length;
    expect(tests.length).toBeGreaterThan(240);
    expect(passed / tests.length).toBeGreaterThan(0.95);
  });
});
