import { describe, expect, it } from 'vitest';
import { DEFAULT_SPLIT } from '../../core/data/defaults';
import { ESTIMATORS } from '../../core/calibration/estimators/table';
import { parse, USAGE } from './quantize-options';
import { UsageError } from './usage-error';

const QUANTIZE = ['quantize', 'm.tflite', '--data', 'images', '--out', 'o.tflite'];

describe('the command line', () => {
  it('fills in what the page starts from', () => {
    expect(parse(QUANTIZE)).toEqual({
      command: 'quantize',
      model: 'm.tflite',
      data: 'images',
      labels: undefined,
      out: 'o.tflite',
      report: undefined,
      calibrate: DEFAULT_SPLIT.calibrationSamples,
      evaluate: DEFAULT_SPLIT.evaluationSamples,
      seed: DEFAULT_SPLIT.seed,
      sizes: {},
      task: {},
      sensitivity: 0,
      estimator: 'minmax',
      weightEstimator: 'minmax',
      granularity: 'channel',
      rules: [],
      algorithms: [],
      improve: false,
      io: 'int8',
      inputScale: undefined,
      inputMean: undefined,
      quiet: false,
    });
  });

  it('takes every option, in any place', () => {
    const argv =
      '--io float32 quantize --labels l.npy m.h5 --data d.npz --out o --report r.json --calibrate 7 --evaluate=9 ' +
      '--estimator percentile --weight-estimator mse --granularity tensor --input-scale=-0.5 --input-mean 1,2.5,-3 ' +
      '--rule *:weights=int4 --rule @ends:keep-float --seed 0 --sensitivity 3 --quiet --bias-correction --adaround 250 --cle';
    expect(parse(argv.split(' '))).toEqual({
      command: 'quantize',
      model: 'm.h5',
      data: 'd.npz',
      labels: 'l.npy',
      sizes: {},
      out: 'o',
      report: 'r.json',
      calibrate: 7,
      evaluate: 9,
      estimator: 'percentile',
      weightEstimator: 'mse',
      granularity: 'tensor',
      rules: [
        { name: '*', override: { weightFormat: 'int4' } },
        { place: 'ends', override: { keepFloat: true } },
      ],
      algorithms: [
        { id: 'cle', params: {} },
        { id: 'adaround', params: { iterations: 250 } },
        { id: 'bias-correction', params: {} },
      ],
      improve: false,
      io: 'float32',
      inputScale: -0.5,
      inputMean: [1, 2.5, -3],
      seed: 0,
      task: {},
      sensitivity: 3,
      quiet: true,
    });
  });

  it('reads inspect and help', () => {
    expect(parse(['inspect', 'm', '--json'])).toEqual({ command: 'inspect', model: 'm', sizes: {}, json: true });
    for (const argv of [['--help'], ['-h'], ['help'], [...QUANTIZE, '--help']])
      expect(parse(argv)).toEqual({ command: 'help', text: USAGE });
  });

  it('lists every estimator in the help', () => {
    for (const { id } of ESTIMATORS) expect(USAGE).toContain(id);
  });

  it.each<[string, string[], RegExp]>([
    ['nothing', [], /Say what to do/],
    ['another command', ['convert', 'm'], /no command "convert"/],
    ['no model', ['inspect'], /inspect needs a MODEL/],
    ['two models', ['inspect', 'a', 'b'], /"b" is one argument too many/],
    ['an option there is not', [...QUANTIZE, '--fast'], /--fast/],
    ['a size of nothing', ['inspect', 'm', '--size', '224'], /--size takes NAME=N/],
    ['no data', ['quantize', 'm', '--out', 'o'], /--data/],
    ['no output', ['quantize', 'm', '--data', 'd'], /--out/],
    ['an option without its value', ['quantize', 'm', '--out', 'o', '--data'], /--data/],
    ['a count that is a word', [...QUANTIZE, '--calibrate', 'many'], /--calibrate takes a whole number of at least 1/],
    ['a count that is nothing', [...QUANTIZE, '--calibrate='], /--calibrate/],
    ['a fraction of a sample', [...QUANTIZE, '--evaluate', '1.5'], /--evaluate takes a whole number/],
    ['no samples at all', [...QUANTIZE, '--evaluate', '0'], /at least 1, not "0"/],
    ['a negative seed', [...QUANTIZE, '--seed=-1'], /--seed takes a whole number of at least 0/],
    ['an estimator there is not', [...QUANTIZE, '--estimator', 'magic'], /--estimator takes minmax, .*not "magic"/],
    ['a granularity there is not', [...QUANTIZE, '--granularity', 'row'], /--granularity takes channel, tensor/],
    ['two roundings', [...QUANTIZE, '--gptq', '--adaround', '9'], /gptq and adaround both/],
    ['choices beside --improve', [...QUANTIZE, '--improve', '--cle'], /--improve chooses the algorithms itself/],
    ['a type there is not', [...QUANTIZE, '--io', 'int4'], /--io takes int8, float32/],
    ['a mean that is no number', [...QUANTIZE, '--input-mean', '1,x,3'], /--input-mean takes a number/],
    ['a scale that erases the data', [...QUANTIZE, '--input-scale', '0'], /--input-scale .*not 0/],
    ['an endless scale', [...QUANTIZE, '--input-scale', 'Infinity'], /--input-scale takes a number/],
  ])('refuses %s', (_, argv, message) => {
    expect(() => parse(argv)).toThrow(UsageError);
    expect(() => parse(argv)).toThrow(message);
  });
});
