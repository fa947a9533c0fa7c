/** Algorithms as the command line speaks about them: the usual ones by options of their own, all by --algorithm. */
import type { Algorithm } from '../../core/algorithms/algorithm';
import { ALGORITHMS, algorithmOf } from '../../core/algorithms/table';
import type { AlgorithmChoice } from '../../core/quantize/settings';
import { flag, optional, repeated, whole, type ValuesOf } from './option';
import { UsageError } from './usage-error';

/** What is done to the model before it is quantized. */
export const ALGORITHM_OPTIONS = {
  cle: flag('equalize channels between neighbouring layers'),
  biasCorrection: flag("take back what rounding does to each layer's mean output"),
  // Fewer iterations than the page offers are good for trying things out.
  adaround: optional('N', 'learn to round up or down, N iterations per layer (1000 is good)', whole(1)),
  gptq: flag('round weights one after another, each making up for those before (instead of --adaround)'),
  algorithm: repeated('ID[:P=N,…]', `any of ${ALGORITHMS.map(({ id }) => id).join(', ')}`, parseAlgorithm),
};

export type AlgorithmValues = ValuesOf<typeof ALGORITHM_OPTIONS>;

/** "gptq:damping=0.05,polish=0" */
function parseAlgorithm(text: string): AlgorithmChoice {
  const [id, rest] = split(text, ':');
  const row = algorithmOf(id);
  if (!row) throw new UsageError(`--algorithm takes ${ALGORITHMS.map((each) => each.id).join(', ')}; not "${id}".`);
  const params = (rest === '' ? [] : rest.split(',')).map((pair) => parseParameter(row, pair));
  return { id, params: Object.fromEntries(params) };
}

function parseParameter(row: Algorithm, pair: string): [string, number] {
  const [name, text] = split(pair, '=');
  const param = row.params.find(({ id }) => id === name);
  if (!param) {
    const known = row.params.map(({ id }) => id).join(', ');
    throw new UsageError(
      `--algorithm ${row.id} has ${known ? `the parameters ${known}` : 'no parameters'}; not "${name}".`,
    );
  }
  const value = Number(text);
  if (text !== '' && value >= param.min && value <= param.max) return [name, value];
  throw new UsageError(`--algorithm ${row.id}: ${name} is from ${param.min} to ${param.max}, not "${text}".`);
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** @throws UsageError for what does not exist, is named twice, or excludes each other */
export function algorithmsOf(values: AlgorithmValues): AlgorithmChoice[] {
  const chosen: AlgorithmChoice[] = [];
  if (values.cle) chosen.push({ id: 'cle', params: {} });
  if (values.gptq) chosen.push({ id: 'gptq', params: {} });
  if (values.adaround !== undefined) chosen.push({ id: 'adaround', params: { iterations: values.adaround } });
  if (values.biasCorrection) chosen.push({ id: 'bias-correction', params: {} });
  chosen.push(...values.algorithm);
  const ids = chosen.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) < i);
  if (twice !== undefined) throw new UsageError(`The algorithm ${twice} is named twice.`);
  const rounding = ids.filter((id) => algorithmOf(id)?.step === 'rounding');
  if (rounding.length > 1)
    throw new UsageError(`${rounding.join(' and ')} both choose the codes of the weights: take one of them.`);
  // As the page and reports have them, whatever their order in the command.
  const order = ALGORITHMS.map(({ id }) => id);
  return chosen.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}
