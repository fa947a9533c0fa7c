/** Forms that the fake worker offers and makes: one that runs, one that the model cannot have, one that nothing here runs. */
import type { FormOffer, FormResult } from '../../jobs/contract/form-protocol';
import type { OtherRuntime, RuntimeComparison } from '../../jobs/contract/runtime-protocol';

export const FORM_OFFERS: readonly FormOffer[] = [
  {
    id: 'int8',
    title: 'int8',
    explain: 'Integers throughout.',
    extension: '.tflite',
    runtime: 'litert',
    whyNot: null,
  },
  {
    id: 'onnx-qdq',
    title: 'ONNX, QDQ',
    explain: 'For onnxruntime.',
    extension: '.onnx',
    runtime: 'onnxruntime',
    whyNot: null,
  },
  {
    id: 'onnx-matmulnbits',
    title: 'ONNX, 4-bit MatMulNBits',
    explain: 'Dense layers in blocks of four bits.',
    extension: '.onnx',
    runtime: 'onnxruntime',
    whyNot: 'it has no dense layer, and others have no weights in blocks',
  },
];

export function formResult(form: string): FormResult {
  return {
    form,
    title: FORM_OFFERS.find(({ id }) => id === form)?.title ?? form,
    fileName: `digits-cnn_${form}.onnx`,
    bytes: new Uint8Array(61_000),
    minimumRuntime: '1.7',
    notes: [],
    figures: {
      runtime: 'onnxruntime-web (fake)',
      score: { metric: 'top1', value: 0.975, samples: 500 },
      predictionsChanged: 3,
      elementsChanged: 120,
      elements: 5000,
      outputSqnrDb: 33.3,
      samples: 500,
      milliseconds: 1.25,
    },
  };
}

export function runtimeComparison(runtime: OtherRuntime, samples: number): RuntimeComparison {
  return {
    runtime,
    profile: `${runtime} (fake)`,
    unknown: null,
    figures: {
      samples,
      score: { metric: 'top1', value: 0.971, samples },
      predictionsChanged: 4,
      elements: 10 * samples,
      elementsChanged: 31,
      first: { tensor: 'features/conv_0/out', mismatches: 12, maxLsb: 1 },
    },
  };
}
