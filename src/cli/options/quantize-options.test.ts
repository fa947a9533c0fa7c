import { describe, expect, it } from 'vitest';
import { DEFAULT_SPLIT } from '../../core/data/defaults';
import { ESTIMATORS } from '../../core/calibration/estimators/table';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { parsed as parse } from '../../testing/builders/cli';
import { COMMANDS } from '../commands/table';
import { USAGE } from '../command-line';
import { HelpAsked } from './command';
import { UsageError } from './usage-error';

const QUANTIZE = ['quantize', 'm.tflite', '--data', 'images', '--out', 'o.tflite'];

describe('the command line', () => {
  it('fills in what the page starts from', () => {
    expect(parse(QUANTIZE)).toMatchObject({
      command: 'quantize',
      model: 'm.tflite',
      data: 'images',
      out: 'o.tflite',
      calibrate: DEFAULT_SPLIT.calibrationSamples,
      evaluate: DEFAULT_SPLIT.evaluationSamples,
      seed: DEFAULT_SPLIT.seed,
      sizes: {},
      sensitivity: 0,
      settings: DEFAULT_SETTINGS,
      improve: false,
      quiet: false,
    });
  });

  it('leaves out what was not given', () => {
    const given: object = parse(QUANTIZE);
    for (const key of ['labels', 'report', 'inputScale', 'inputMean', 'inputFormat', 'cSource'])
      expect(given).not.toHaveProperty(key);
  });

  it('takes every option, in any place', () => {
    const argv =
      '--io float32 quantize --labels l.npy m.h5 --data d.npz --out o --report r.json --calibrate 7 --evaluate=9 ' +
      '--estimator percentile --weight-estimator mse --granularity tensor --input-scale=-0.5 --input-mean 1,2.5,-3 ' +
      '--rule *:weights=int4 --rule @ends:keep-float --seed 0 --sensitivity 3 --quiet --bias-correction --adaround 250 --cle';
    expect(parse(argv.split(' '))).toMatchObject({
      command: 'quantize',
      model: 'm.h5',
      data: 'd.npz',
      labels: 'l.npy',
      sizes: {},
      out: 'o',
      report: 'r.json',
      calibrate: 7,
      evaluate: 9,
      settings: {
        ...DEFAULT_SETTINGS,
        activations: { estimator: { id: 'percentile', params: {} } },
        weights: { estimator: { id: 'mse', params: {} }, granularity: 'tensor' },
        rules: [
          { name: '*', override: { weightFormat: 'int4' } },
          { place: 'ends', override: { keepFloat: true } },
        ],
        algorithms: [
          { id: 'cle', params: {} },
          { id: 'adaround', params: { iterations: 250 } },
          { id: 'bias-correction', params: {} },
        ],
        io: 'float32',
      },
      improve: false,
      inputScale: -0.5,
      inputMean: [1, 2.5, -3],
      seed: 0,
      sensitivity: 3,
      quiet: true,
    });
  });

  const helpOf = (argv: readonly string[]) => {
    try {
      parse(argv);
    } catch (thrown) {
      if (thrown instanceof HelpAsked) return thrown.text;
    }
    throw new Error('no help');
  };

  it('reads inspect and help', () => {
    expect(parse(['inspect', 'm', '--json'])).toEqual({ command: 'inspect', model: 'm', sizes: {}, json: true });
    for (const argv of [['--help'], ['-h'], ['help']]) expect(helpOf(argv)).toBe(USAGE);
    for (const { name } of COMMANDS) expect(USAGE).toContain(name);
  });

  it('prints the help of each command, with all that it takes, and the version', () => {
    for (const { name } of COMMANDS)
      expect(helpOf([name, '--help'])).toMatch(new RegExp(`rangefinder ${name} \\[?(MODEL|FILE|PLAN|FOLDER)`));
    expect(helpOf([...QUANTIZE, '-h'])).toMatch(/--out <FILE>[^]*LAYERS is a name/);
    expect(helpOf(['--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('takes the same words for the same things in every command', () => {
    const shared =
      '--data d --labels l --calibrate 7 --evaluate 9 --seed 3 --input-scale 2 --input-mean 1 --size h=3 --report r ' +
      '--estimator percentile --weight-estimator octav --granularity tensor --weight-format int4 --quiet --cle ' +
      '--activation-bits 6 --input-format int8 --rule @ends:keep-float --algorithm high-bias';
    const of = (argv: readonly string[]) => {
      const { settings, data, labels, calibrate, evaluate, seed, inputScale, inputMean, sizes, report, inputFormat } =
        parse(argv) as ReturnType<typeof parse> & Record<string, unknown>;
      return { settings, data, labels, calibrate, evaluate, seed, inputScale, inputMean, sizes, report, inputFormat };
    };
    const quantize = of(['quantize', 'm', '--out', 'o', ...shared.split(' ')]);
    expect(quantize.settings).toMatchObject({
      weights: { granularity: 'tensor', estimator: { id: 'octav' }, format: 'int4' },
      activations: { estimator: { id: 'percentile' }, format: 'int6' },
      algorithms: [{ id: 'cle' }, { id: 'high-bias' }],
    });
    for (const name of ['qat', 'diagnose']) expect(of([name, 'm', ...shared.split(' ')])).toEqual(quantize);
  });

  it.each([
    ['inspect', ['--data', 'd']],
    ['inspect', ['--quiet']],
    ['diagnose', ['--data', 'd', '--out', 'o']],
    ['diagnose', ['--data', 'd', '--io', 'int8']],
    ['qat', ['--data', 'd', '--improve']],
    ['quantize', ['--data', 'd', '--out', 'o', '--epochs', '3']],
    ['quantize', ['--data', 'd', '--out', 'o', '--json']],
  ])('%s refuses %j, which it would not use', (name, options) => {
    expect(() => parse([name, 'm', ...options])).toThrow(/^Unknown option '--/);
  });

  it('lists every estimator in the help', () => {
    for (const { id } of ESTIMATORS) expect(helpOf(['quantize', '--help'])).toContain(id);
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
    ['a type there is not', [...QUANTIZE, '--io', 'int4'], /--io takes int8, uint8, float32/],
    ['a mean that is no number', [...QUANTIZE, '--input-mean', '1,x,3'], /--input-mean takes a number/],
    ['a scale that erases the data', [...QUANTIZE, '--input-scale', '0'], /--input-scale .*not 0/],
    ['an option in place of a value', ['quantize', 'm', '--data', '--out', 'o'], /--data lacks its value/],
    ['an endless scale', [...QUANTIZE, '--input-scale', 'Infinity'], /--input-scale takes a number/],
  ])('refuses %s', (_, argv, message) => {
    expect(() => parse(argv)).toThrow(UsageError);
    expect(() => parse(argv)).toThrow(message);
  });
});
