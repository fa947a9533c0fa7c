/**
 * Writes the part of docs/formats.md that lists what each format may contain, from the tables that drive the readers, so
 * that it cannot say more or less than is read. `npx tsx scripts/format-table.ts` writes it; a test holds the page to it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { ACTIVATION_NAMES } from '../src/core/model-formats/keras/layers/activations';
import { LAYERS } from '../src/core/model-formats/keras/layers/table';
import { ONNX_OPS } from '../src/core/model-formats/onnx/ops/table';
import { MODEL_FORMATS } from '../src/core/model-formats/table';
import { FOLDED } from '../src/core/model-formats/tfjs/graph/fold';
import { GRAPH_MODEL_OPS, PASSING } from '../src/core/model-formats/tfjs/graph/ops/table';
import { EXPANSIONS } from '../src/core/model-formats/tflite/ops/recurrent';
import { TFLITE_OPS } from '../src/core/model-formats/tflite/ops/table';
import type { OpKind } from '../src/core/graph/ops/attrs';
import type { QuantRule } from '../src/core/graph/ops/definition';
import { OPS } from '../src/core/graph/ops/table';

const PAGE = fileURLToPath(new URL('../docs/formats.md', import.meta.url));
const BEGIN = '<!-- formats: written by scripts/format-table.ts -->';
const END = '<!-- /formats -->';

const RULES: { readonly [K in QuantRule['kind']]: (rule: Extract<QuantRule, { kind: K }>) => string } = {
  weighted: () => 'weights per channel',
  recurrent: () => 'one scale for each matrix',
  'same-scale': () => 'same scale as input',
  'fixed-output': ({ scale, zeroPoint }) => `output at 1/${1 / scale}, zero point ${zeroPoint}`,
  free: () => 'yes',
  'float-only': ({ reason }) => `kept float: ${reason}`,
  'not-applicable': () => 'folded or dropped before',
};

const OPAQUE = 'kept as it is, and what follows it in float; not computed';

const inWords = (rule: QuantRule): string => (RULES[rule.kind] as (rule: QuantRule) => string)(rule);
const code = (names: Iterable<string>): string =>
  [...new Set(names)]
    .sort()
    .map((name) => `\`${name}\``)
    .join(', ');

/** Keras classes that are saved with this prefix, without it; what has none are layers. */
function keras(prefix: '' | 'ops.' | 'tf.'): string[] {
  const called = (name: string) => (/^(ops|tf)\./.exec(name) ?? [''])[0];
  return Object.keys(LAYERS).flatMap((name) => (called(name) === prefix ? [name.slice(prefix.length)] : []));
}

function opRows(): string[] {
  const kinds = Object.keys(OPS) as OpKind[];
  return kinds
    .map((kind) => ({ ...OPS[kind], builtins: Object.keys(TFLITE_OPS[kind].read) }))
    .sort((a, b) => a.label.localeCompare(b.label, 'en'))
    .map(({ label, builtins, quant, kind }) =>
      kind === 'opaque'
        ? `| ${label} | custom, Flex, control flow, strings, state, … | ${OPAQUE} |`
        : `| ${label} | ${code(builtins) || '–'} | ${inWords(quant)} |`,
    );
}

/** The section between the markers. */
export function formatSection(): string {
  return [
    `Files are told apart by content: ${MODEL_FORMATS.map(({ label }) => label).join(', ')}.`,
    '',
    '| op of the graph | operators of a `.tflite` | int8 |',
    '| --- | --- | --- |',
    ...opRows(),
    '',
    `Unrolled step by step into these: ${code(EXPANSIONS.keys())}, in float; LiteRT.js loads no file that keeps state in variables.`,
    '',
    '**Keras layers**, in `.keras`, `.h5` and TF.js LayersModels: ' + code(keras('')) + '.',
    '',
    '**Between layers**, in functional models: of `keras.ops` ' +
      code(keras('ops.')) +
      '; of TensorFlow in tf.keras ' +
      code(keras('tf.')) +
      '.',
    '',
    '**Keras activations**: ' + code(ACTIVATION_NAMES) + '.',
    '',
    '**TF.js GraphModel operations**: ' + code([...Object.keys(GRAPH_MODEL_OPS), ...PASSING]) + '.',
    'As arithmetic on shapes also ' +
      code(FOLDED.filter((op) => !Object.hasOwn(GRAPH_MODEL_OPS, op) && !PASSING.has(op))) +
      '.',
    '',
    '**ONNX operators**: ' + code(Object.keys(ONNX_OPS)) + '.',
  ].join('\n');
}

/** The page with its section made anew, in the house's formatting. */
export async function withFormatSection(page: string): Promise<string> {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/formats.md lacks the markers ${BEGIN} and ${END}.`);
  const text = `${page.slice(0, begin + BEGIN.length)}\n\n${formatSection()}\n\n${page.slice(end)}`;
  return format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(PAGE, await withFormatSection(readFileSync(PAGE, 'utf8')));
