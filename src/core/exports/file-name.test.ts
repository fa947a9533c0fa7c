import { describe, expect, it } from 'vitest';
import { modelName } from '../graph/model-name';
import { DEFAULT_SETTINGS, type QuantSettings } from '../quantize/settings';
import { exportedName } from './file-name';

const int4: QuantSettings = { ...DEFAULT_SETTINGS, weights: { ...DEFAULT_SETTINGS.weights, format: 'int4' } };

describe('the name of an exported file', () => {
  it.each([
    ['as it comes', DEFAULT_SETTINGS, 'pretrainedResnet_int8.tflite'],
    ['with weights of four bits', int4, 'pretrainedResnet_w4a8.tflite'],
    ['trained', { ...int4, trained: 'qat-1' }, 'pretrainedResnet_w4a8_qat.tflite'],
    [
      'with a layer of its own',
      { ...int4, layers: { conv: { weightFormat: 'int8' } } },
      'pretrainedResnet_w4a8_mixed.tflite',
    ],
  ] as const)('says what it is: %s', (_, settings, name) => {
    expect(exportedName('pretrainedResnet', settings)).toBe(name);
  });

  it('is one that file systems take', () => {
    expect(exportedName('../a b:c', DEFAULT_SETTINGS)).toBe('a_b_c_int8.tflite');
    expect(exportedName('…', DEFAULT_SETTINGS)).toBe('model_int8.tflite');
  });
});

describe('the name of a model', () => {
  const named = (name: string, fileName: string) =>
    modelName({
      name,
      provenance: { format: 'keras', fileName, fileBytes: 1, signatures: [], metadata: {}, notes: [] },
    });
  it('is that of its file, unless every such file is called the same', () => {
    expect(named('functional_3', 'zoo/pretrainedResnet.h5')).toBe('pretrainedResnet');
    expect(named('digits-cnn', 'digits/model.json')).toBe('digits-cnn');
    expect(named('', 'model.json')).toBe('model');
  });
});
