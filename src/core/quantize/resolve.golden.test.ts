import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { readTflite } from '../model-formats/tflite/read';
import { tensorOf, type Graph, type TensorId } from '../graph/graph';
import { definitionOf } from '../graph/ops/table';
import { normalize } from '../graph/passes/normalize';
import { representableRange } from '../numerics/affine';
import { INT8_ACTIVATION } from '../number-formats/format';
import { Observer } from '../calibration/observer';
import type { TensorStats } from '../calibration/types';
import { planQuantization } from './resolve';
import { quantizeGraph } from './quantize-graph';
import { DEFAULT_SETTINGS } from './settings';

function load(name: string): Graph {
  return readTflite(readFixture(`mlperf_tiny/${name}`), name);
}

const weighted = (graph: Graph) => graph.ops.filter((op) => definitionOf(op).quant.kind === 'weighted');

/** Calibration as TensorFlow's must have been: the ranges that its integer file covers, found op by op. */
function calibrationOf(float: Graph, integer: Graph) {
  const activations: Record<TensorId, TensorStats> = {};
  const take = (id: TensorId, from: TensorId) => {
    const { quant } = tensorOf(integer, from);
    if (!quant || tensorOf(float, id).data) return;
    const { min, max } = representableRange({ scale: quant.scale[0], zeroPoint: quant.zeroPoint[0] }, INT8_ACTIVATION);
    const observer = new Observer();
    observer.observe(Float32Array.of(min, max));
    activations[id] = observer.stats();
  };
  const ops = integer.ops.filter(({ kind }) => kind !== 'quantize' && kind !== 'dequantize');
  expect(ops.map(({ kind }) => kind)).toEqual(float.ops.map(({ kind }) => kind));
  float.ops.forEach((op, i) => {
    op.inputs.forEach((id, k) => id !== null && ops[i].inputs[k] && take(id, ops[i].inputs[k]));
    op.outputs.forEach((id, k) => take(id, ops[i].outputs[k]));
  });
  return { activations, weights: {}, samples: 1 };
}

describe.skipIf(!haveFixtures)('planQuantization against TensorFlow’s own int8 files', () => {
  it.each([
    ['ResNet8', 'ic/trained_models/pretrainedResnet.tflite', 'ic/trained_models/pretrainedResnet_quant.tflite'],
    ['MobileNet (VWW)', 'vww/trained_models/vww_96_float.tflite', 'vww/trained_models/vww_96_int8.tflite'],
  ])('finds the scales, zero points, weights and biases of %s', (_, floatFile, integerFile) => {
    const float = normalize(load(floatFile));
    const integer = load(integerFile);
    const plan = planQuantization(float, calibrationOf(float, integer), DEFAULT_SETTINGS);
    const quantized = quantizeGraph(float, plan, DEFAULT_SETTINGS);
    const [ours, theirs] = [weighted(quantized), weighted(integer)];
    expect(ours.length).toBe(theirs.length);
    let [codes, offByOne, worst] = [0, 0, 0];
    ours.forEach((op, i) => {
      const pair = (index: number) => [
        tensorOf(quantized, op.inputs[index]!),
        tensorOf(integer, theirs[i].inputs[index]!),
      ];
      const [x, xExpected] = pair(0);
      expect(x.quant!.zeroPoint).toEqual(xExpected.quant!.zeroPoint);
      expect(x.quant!.scale[0] / xExpected.quant!.scale[0]).toBeCloseTo(1, 6);
      const [w, expected] = pair(1);
      // TensorFlow quantizes dense weights per tensor: its scale is the largest of the channels'.
      const scale = expected.quant!.scale.length > 1 ? w.quant!.scale : Float32Array.of(Math.max(...w.quant!.scale));
      scale.forEach((s, c) => expect(s / expected.quant!.scale[c]).toBeCloseTo(1, 5));
      if (expected.quant!.scale.length === 1) return;
      (expected.data as Int8Array).forEach((code, k) => {
        codes++;
        const off = Math.abs(code - (w.data as Int8Array)[k]);
        worst = Math.max(worst, off);
        offByOne += off;
      });
      const [bias, biasExpected] = pair(2);
      (biasExpected.data as Int32Array).forEach((code, c) => {
        const close = Math.abs(code - (bias.data as Int32Array)[c]);
        expect(close).toBeLessThanOrEqual(1 + Math.abs(code) * 1e-6);
      });
    });
    expect(worst).toBeLessThanOrEqual(1);
    expect(offByOne / codes).toBeLessThan(1e-4);
  });
});
