/**
 * The tests that come with ONNX: which of them concern float networks that TensorFlow Lite can express, and how each ends.
 * Later releases of the operator set than the newest one read only add types to the operators in question.
 */
import { readdirSync } from 'node:fs';
import { isReal } from '../core/formats/onnx/constant';
import { NEWEST_OPSET } from '../core/formats/onnx/read';
import { toErrorInfo } from '../core/errors';
import { fixturePath, haveFixtures } from './fixtures';
import { atOpset, onnxCase, opsetOf, runCase, type OnnxCase } from './onnx-cases';

export const TOLERANCE = 1e-3;

/** Why tests of these operators are not asked for. */
const OUT_OF_SCOPE: readonly (readonly [why: string, operators: readonly string[]])[] = [
  [
    'trains a network',
    ['Adagrad', 'Adam', 'Momentum', 'Gradient', 'NegativeLogLikelihoodLoss', 'SoftmaxCrossEntropyLoss'],
  ],
  ['works on lists of tensors', ['SequenceEmpty', 'SequenceConstruct', 'SequenceInsert', 'SequenceErase', 'SequenceAt', 'SequenceLength', 'SplitToSequence', 'ConcatFromSequence', 'SequenceMap', 'Optional', 'OptionalGetElement', 'OptionalHasElement']], // prettier-ignore
  ['runs a graph within the graph as often as the data says', ['Loop', 'Scan']],
  ['draws random numbers', ['Bernoulli', 'RandomNormal', 'RandomUniform', 'RandomNormalLike', 'RandomUniformLike', 'Multinomial']], // prettier-ignore
  ['is no neural network', ['Binarizer', 'TreeEnsemble', 'ArrayFeatureExtractor', 'LabelEncoder', 'StringNormalizer', 'TfIdfVectorizer']], // prettier-ignore
  ['is of a later release than 23', ['LinearAttention', 'CausalConvWithState', 'FlexAttention', 'CumProd', 'TensorScatter', 'BitCast', 'Swish']], // prettier-ignore
  ['has no counterpart among the operators of TensorFlow Lite that LiteRT.js runs', ['AffineGrid', 'Col2Im', 'DFT', 'STFT', 'GridSample', 'MelWeightMatrix', 'RoiAlign', 'MaxRoiPool', 'MaxUnpool', 'NonMaxSuppression', 'Unique', 'Det', 'DeformConv', 'Atan', 'Asin', 'Acos', 'NonZero']], // prettier-ignore
];

export interface ConformanceTest extends OnnxCase {
  /** The operator it is a test of: the node itself, or what the test is named after where that is spelled out. */
  readonly operator: string;
  /** Why it is out of scope; undefined where it is in scope. */
  readonly outside?: string;
}

/** Every test with float inputs and float results. */
export function floatTests(): ConformanceTest[] {
  if (!haveFixtures) return [];
  return ['onnx_node', 'onnx_simple']
    .flatMap((set) => readdirSync(fixturePath(`conformance/${set}`)).map((name) => `conformance/${set}/${name}`))
    .flatMap((folder) => onnxCase(folder) ?? [])
    .filter(
      ({ inputs, outputs }) => inputs.some(({ type }) => isReal(type)) && outputs.every(({ type }) => isReal(type)),
    )
    .map((test) => {
      const later = opsetOf(test.model) > NEWEST_OPSET;
      const outside = whyOutside(test, later);
      return {
        ...test,
        ...(later && { model: atOpset(test.model, NEWEST_OPSET) }),
        operator:
          test.ops.length === 1
            ? test.ops[0]!
            : `${test.name.replace(/^test_/, '').replace(/_expanded.*$/, '')}, spelled out`,
        ...(outside !== undefined && { outside }),
      };
    });
}

function whyOutside({ ops, inputs, outputs, name }: OnnxCase, later: boolean): string | undefined {
  for (const [why, operators] of OUT_OF_SCOPE) if (ops.some((op) => operators.includes(op))) return why;
  if (later && name.includes('nonpad')) return 'is of a later release than 23';
  if ([inputs[0]!, ...outputs].some(({ shape }) => shape.includes(0))) return 'works on tensors without values';
  if (inputs[0]!.shape.length > 4 && ops.some((op) => /Pool|Conv/.test(op))) return 'has three spatial dimensions';
  return undefined;
}

/** Its relative error, or the words of its refusal. */
export function outcomeOf(test: OnnxCase): number | string {
  try {
    return runCase(test).error;
  } catch (thrown) {
    return toErrorInfo(thrown).message;
  }
}
