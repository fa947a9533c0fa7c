import { describe, expect, it } from 'vitest';
import { toErrorInfo } from '../../base/errors';
import { OpenSizes, type InputSizes } from './open-sizes';

function refusal(given: InputSizes, ...inputs: [name: string, ...dimensions: (number | string | null)[]][]) {
  const open = new OpenSizes(given);
  try {
    for (const [name, ...dimensions] of inputs) open.fixed(name, dimensions);
    open.check('net');
  } catch (thrown) {
    return toErrorInfo(thrown);
  }
  return expect.unreachable('was taken');
}

describe('OpenSizes', () => {
  it('fills in what is given, by the name of the dimension or of the input', () => {
    const open = new OpenSizes({ height: 5, 'y[2]': 7 });
    expect(open.fixed('x', [3, 'height', 'height'])).toEqual([3, 5, 5]);
    expect(open.fixed('y', [2, null])).toEqual([2, 7]);
    expect(() => open.check('net')).not.toThrow();
  });

  it('names all that is open at once', () => {
    expect(refusal({ length: 4 }, ['x', 'length', 'width'], ['y', 'width', null, 2])).toMatchObject({
      code: 'unsupported-feature',
      message: '2 inputs leave sizes open, for instance "x": [N, length, width].',
      where: 'net',
      details: ['"x": [N, length, width]', '"y": [N, width, y[2], 2]'],
      openSizes: ['width', 'y[2]'],
    });
  });

  it('takes no name that is not open, and no size that is none', () => {
    expect(refusal({ hieght: 4 }, ['x', 'height'])).toMatchObject({
      code: 'invalid-settings',
      message: 'No dimension called "hieght" is open in this model.',
      hint: 'Open are: height.',
    });
    for (const size of [0, -1, 1.5, NaN, 2 ** 21])
      expect(refusal({ height: size }, ['x', 'height'])).toMatchObject({ code: 'invalid-settings', where: 'height' });
  });
});
