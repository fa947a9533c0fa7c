/**
 * The verdicts of the vendors' own tools (scripts/oracles/targets.py) over every TensorFlow Lite file among the fixtures: what
 * Vela leaves on the CPU, and what TensorFlow Lite Micro refuses.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { fileFacts } from './file-facts';
import { lint } from './lint';
import { targetOf } from './table';

interface Verdicts {
  readonly 'ethos-u55': { readonly cpu: readonly string[] } | { readonly failed: string };
  readonly 'ethos-u85': { readonly cpu: readonly string[] } | { readonly failed: string };
  readonly tflm: string;
}

const GOLDENS = JSON.parse(readFileSync(join(import.meta.dirname, 'goldens.json'), 'utf8')) as Record<string, Verdicts>;

/** What TensorFlow Lite Micro refuses for what the file is, and not for a limit of its own. */
const NO_LIMIT = new Map([
  ['conformance/litert_quant_testdata/transpose.bin', 'its permutation has no dimensions'],
  ['conformance/litert_quant_testdata/unidirectional_sequence_lstm_calibrated.bin', 'its intermediates have no values'],
  ['conformance/litert_quant_testdata/unidirectional_sequence_lstm_quantized.bin', 'its intermediates have no values'],
  ['conformance/litert_tflite_testdata/conv_huge_im2col.bin', 'it wants 780 MB, and the tool was given 64'],
  ['conformance/litert_tflite_testdata/string_input_model_with_signature.bin', 'it holds text and no operator'],
  ['tflite/ultraface/version-slim-320_without_postprocessing.tflite', 'a reshape in it does not fit its input'],
]);

/** Arithmetic on shapes whose values are known: Vela does it while it compiles, and counts it to the NPU. */
const FOLDED = 'tflite/tflite_support/dilated_conv.tflite';

/** Why a file is no test of the limits: it is damaged, or the tool itself gives up on it for a reason of its own. */
function factsOf(path: string) {
  try {
    return fileFacts(readFixture(path), path);
  } catch {
    return null;
  }
}

describe.skipIf(!haveFixtures)('verdicts', () => {
  it.each(['ethos-u55', 'ethos-u85'] as const)('%s: the operators that Vela leaves on the CPU', (id) => {
    const wrong: string[] = [];
    let compared = 0;
    for (const [path, verdicts] of Object.entries(GOLDENS)) {
      const verdict = verdicts[id];
      const facts = factsOf(path);
      if (!facts || 'failed' in verdict || path === FOLDED) continue;
      const cpu = new Set(verdict.cpu);
      const found = new Set(
        lint(facts, targetOf(id)!).findings.flatMap(({ operator, severity }) =>
          operator && severity !== 'note' ? [operator.output] : [],
        ),
      );
      for (const op of facts.operators) {
        const name = op.outputs[0]?.name;
        if (name === undefined) continue; // Vela names operators by what they write.
        compared++;
        if (cpu.has(name) !== found.has(name))
          wrong.push(`${path} ${op.name} ${name}: Vela ${cpu.has(name) ? 'CPU' : 'NPU'}`);
      }
    }
    expect(compared).toBeGreaterThan(850);
    expect(wrong).toEqual([]);
  });

  it('tflm: the files that AllocateTensors refuses', () => {
    const wrong: string[] = [];
    for (const [path, { tflm }] of Object.entries(GOLDENS)) {
      const facts = factsOf(path);
      if (!facts || NO_LIMIT.has(path)) continue;
      const refused = lint(facts, targetOf('tflm')!).findings.some(
        ({ severity, rule }) => severity === 'error' && rule !== 'tflm/dequantize-scales',
      );
      if (refused !== (tflm !== 'ok')) wrong.push(`${path}: TFLM "${tflm}"`);
    }
    expect(wrong).toEqual([]);
  });
});
