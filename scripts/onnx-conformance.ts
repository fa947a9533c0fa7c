/** Prints which of ONNX' own tests of float operators pass, by operator: `npx tsx scripts/onnx-conformance.ts`. */
import { floatTests, outcomeOf, TOLERANCE } from '../src/testing/fixtures/onnx-conformance';

const tests = floatTests();
if (tests.length === 0) {
  console.error('The fixtures are not there.');
  process.exit(1);
}
const rows = new Map<string, { passed: number; failed: string[] }>();
const outside = new Map<string, number>();
for (const test of tests) {
  if (test.outside !== undefined) {
    outside.set(test.outside, (outside.get(test.outside) ?? 0) + 1);
    continue;
  }
  const row = rows.get(test.operator) ?? { passed: 0, failed: [] };
  rows.set(test.operator, row);
  const outcome = outcomeOf(test);
  if (typeof outcome === 'number' && outcome < TOLERANCE) row.passed++;
  else row.failed.push(`${test.name}: ${typeof outcome === 'number' ? `differs by ${outcome}` : outcome}`);
}

console.log('| operator | pass | of |\n|---|---|---|');
for (const [operator, { passed, failed }] of [...rows].sort(([a], [b]) => a.localeCompare(b)))
  console.log(`| ${operator} | ${passed} | ${passed + failed.length} |`);
const all = [...rows.values()];
const passed = all.reduce((sum, row) => sum + row.passed, 0);
const count = passed + all.reduce((sum, row) => sum + row.failed.length, 0);
console.log(`\n${passed} of ${count} pass (${((100 * passed) / count).toFixed(1)} %).`);
for (const { failed } of all) for (const text of failed) console.log(`- ${text}`);
console.log('\nNot in scope:');
for (const [why, tests] of outside) console.log(`- ${tests} test${tests === 1 ? '' : 's'}: ${why}`);
