/** Files with operators that are not modelled: they open, say so, and come out again with these as they were. */
import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { bootLiteRt } from '../../../testing/oracles/litert-oracle';
import type { Graph, TensorData } from '../../graph/graph';
import { readTflite } from './read';
import { Decoder } from './schema/decode';
import type { Row } from './schema/tables';
import { operatorName } from './source-op';
import { writeTflite } from './write';

const LITERT = 'conformance/litert_tflite_testdata';
const QUANT = 'conformance/litert_quant_testdata';

const CARRIED = [
  `${LITERT}/call_once_mul.bin`,
  `${LITERT}/custom_lstm.bin`,
  `${LITERT}/custom_sinh.bin`,
  `${LITERT}/multi_add_flex.bin`,
  `${LITERT}/multi_subgraphs_while.bin`,
  `${LITERT}/softplus_flex.bin`,
  `${LITERT}/sparse_tensor.bin`,
  `${LITERT}/string_input_model_with_signature.bin`,
  `${LITERT}/sub.bin`,
  `${LITERT}/with_metadata.bin`,
  `${QUANT}/lstm_calibrated.bin`,
  `${QUANT}/lstm_quantized2.bin`,
  `${QUANT}/mixed.bin`,
  `${QUANT}/unidirectional_sequence_lstm_quantized.bin`,
  `${QUANT}/where.bin`,
  'tflite/mediapipe/selfie_segmentation.tflite',
  'tflite/tflite_support/test_model_nl_classifier.tflite',
  'tflite/tflite_support/whitespace_tokenizer_to_tensor.tflite',
];

const read = (path: string) => readTflite(readFixture(path), path);
const opaque = (graph: Graph) => graph.ops.filter((op) => op.kind === 'opaque');
const decode = (bytes: Uint8Array) => new Decoder(bytes, 'file').root('Model');

/** An opaque operator as a file has it, without the numbers by which it refers to what is around it. */
function operators(model: Row<'Model'>, subgraph: Row<'SubGraph'>, keep: (name: string) => boolean) {
  const tensor = (index: number) => (index < 0 ? null : content(model, subgraph.tensors![index]));
  return (subgraph.operators ?? []).flatMap(
    ({ opcodeIndex, inputs = [], outputs = [], intermediates = [], ...row }) => {
      const { customCode, version, ...code } = model.operatorCodes![opcodeIndex];
      const name = operatorName({ customCode, version, ...code } as Row<'OperatorCode'>);
      const refersTo = [inputs, outputs, intermediates].map((list) => Array.from(list as Int32Array, tensor));
      return keep(name) ? [{ name, version, row, refersTo }] : [];
    },
  );
}

/** A tensor with the bytes that its buffer number stands for; floats may have been widened before. */
function content(model: Row<'Model'>, { buffer, type, isVariable, quantization, sparsity, shape }: Row<'Tensor'>) {
  const { scale, zeroPoint, details } = quantization ?? {};
  const parameters = type === 0 ? null : { scale, zeroPoint, details };
  const bytes = type === 0 ? null : model.buffers![buffer]?.data;
  return { type, isVariable, sparsity, parameters, bytes, shape: [...(shape ?? [])] };
}

describe.skipIf(!haveFixtures)('files with opaque operators', () => {
  it.each(CARRIED)('%s: every opaque operator comes out as it went in', (path) => {
    const bytes = readFixture(path);
    const graph = readTflite(bytes, path);
    const names = new Set(opaque(graph).map(({ attrs }) => attrs.operator));
    const [before, after] = [decode(bytes), decode(writeTflite(graph))];
    const list = (model: Row<'Model'>) => operators(model, model.subgraphs![0], (name) => names.has(name));
    expect(list(after)).toEqual(list(before));
    for (let i = 1; i < (after.subgraphs?.length ?? 0); i++) {
      const [was, is] = [before.subgraphs![i], after.subgraphs![i]];
      expect(operators(after, is, () => true)).toEqual(operators(before, was, () => true));
      expect([is.inputs, is.outputs, is.name]).toEqual([was.inputs, was.outputs, was.name]);
    }
    const again = readTflite(writeTflite(graph), path);
    expect(again.ops.map(({ kind }) => kind)).toEqual(graph.ops.map(({ kind }) => kind));
    expect([again.inputs, again.outputs]).toEqual([graph.inputs, graph.outputs]);
  });

  const scalar = (value: number) => Float32Array.of(value);
  it.each<[path: string, inputs: readonly TensorData[]]>([
    [`${LITERT}/multi_subgraphs_while.bin`, [scalar(3)]],
    [`${LITERT}/call_once_mul.bin`, [scalar(2.5)]],
  ])('%s: the runtime computes the same from the file written again', async (path, inputs) => {
    const runtime = await bootLiteRt();
    const outputs = [readFixture(path), writeTflite(read(path))].map((bytes) => {
      const model = runtime.load(bytes);
      try {
        return model.run(inputs);
      } finally {
        model.dispose();
      }
    });
    expect(outputs[0].some((values) => values.some((v) => Number(v) !== 0))).toBe(true);
    expect(outputs[1]).toEqual(outputs[0]);
  });

  it('says why an operator is not computed', () => {
    const reasons = (path: string) => opaque(read(path)).map(({ attrs }) => `${attrs.operator}: ${attrs.reason}`);
    expect(reasons(`${LITERT}/multi_subgraphs_while.bin`)).toEqual(['WHILE: it runs other graphs of the file']);
    expect(reasons(`${LITERT}/softplus_flex.bin`)).toEqual([
      'CUSTOM FlexSoftplus: it is an operation of TensorFlow itself',
    ]);
    expect(reasons(`${LITERT}/sub.bin`)).toEqual(['SUB: it uses "b", a variable that keeps state between runs']);
    expect(reasons(`${QUANT}/mixed.bin`)).toEqual([
      'CUSTOM CustomTestOp: it comes with code of its own',
      'CUSTOM CustomTestOp: it comes with code of its own',
      'SQUEEZE: it uses "custom_op_1", whose shape is known at run time only',
    ]);
  });

  it('keeps graphs that a signature of their own enters, and says so', () => {
    const path = 'conformance/ai_edge_quantizer_models/constant_tensor_and_buffer_only_sharing_weight_fcs.tflite';
    const graph = read(path);
    expect(graph.provenance.notes).toEqual([
      'signature "sig2" enters another graph of the file: kept as it is, not quantized',
    ]);
    const { subgraphs, signatureDefs } = decode(writeTflite(graph));
    expect(subgraphs).toHaveLength(2);
    expect(signatureDefs!.map(({ signatureKey, subgraphIndex }) => [signatureKey, subgraphIndex])).toEqual([
      ['sig1', 0],
      ['sig2', 1],
    ]);
  });
});
