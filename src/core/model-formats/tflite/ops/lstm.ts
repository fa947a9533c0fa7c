/** LSTM layers as one operator, which keeps its state in variables. */
import type { QuantParams, Tensor } from '../../../graph/graph';
import type { Op } from '../../../graph/ops/attrs';
import type { OpRows, ReadOp, SourceOp, Target, WrittenOp } from './row';

/** Positions of the operator's inputs: those that a plain LSTM has, in the order of the Graph's op. */
const PLAIN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15];
const [OUTPUT_STATE, CELL_STATE] = [18, 19];
const INPUTS = 24;
/** Peepholes, projection and its bias, layer norms. */
const OTHERS = [9, 10, 11, 16, 17, 20, 21, 22, 23];
/** The intermediate tensor with the parameters of the output before a projection. */
const HIDDEN = 4;
const GATE_INTERMEDIATES = 4;
const TANH = 4;

function read(op: SourceOp): ReadOp<'lstm'> {
  const options = op.options('UnidirectionalSequenceLSTMOptions');
  if (op.input(0).shape.length !== 3) throw op.corrupt(`has an input of ${op.input(0).shape.length} dimensions`);
  if (options.fusedActivation !== TANH) throw op.unsupported(`fused activation ${options.fusedActivation}`);
  if (options.timeMajor) throw op.unsupported('time as its first dimension');
  if (options.diagonalRecurrentTensors) throw op.unsupported('diagonal recurrent weights');
  if (op.input(0).shape[1] < 2) throw op.unsupported('its state, kept between runs of one step each');
  if (OTHERS.some((index) => op.optional(index)) || !op.optional(1))
    throw op.unsupported('peepholes, a projection, coupled or normalized gates');
  const inputs = PLAIN.map((index) => op.input(index));
  if (inputs.slice(1).some(({ data }) => !data)) throw op.unsupported('weights that are computed');
  const attrs = { cellClip: options.cellClip };
  if (op.outputType === 'float32') return { attrs, inputs, unlisted: [{ name: 'cell', dtype: 'float32' }] };
  return { attrs, inputs, unlisted: [{ name: 'cell', dtype: 'int16', quant: integerCell(op, inputs) }] };
}

/** Parameters of the cell, where the integers are those that the Graph's op has. */
function integerCell(op: SourceOp, [x, ...constants]: readonly Tensor[]): QuantParams {
  const state = op.variableParams(OUTPUT_STATE);
  const cell = op.variableParams(CELL_STATE);
  const hidden = op.intermediateParams(HIDDEN);
  const types = constants.every(({ dtype, quant }, i) =>
    i < 8 ? dtype === 'int8' && quant?.scale.length === 1 : dtype === 'int32',
  );
  if (op.outputType !== 'int8' || x?.dtype !== 'int8' || !types) throw op.unsupported('arithmetic of its own');
  if (!state || !cell || !hidden) throw op.unsupported('a state without scales');
  if (hidden.scale[0] !== state.scale[0] || hidden.zeroPoint[0] !== state.zeroPoint[0])
    throw op.unsupported('a state at another scale than its output');
  for (let gate = 0; gate < GATE_INTERMEDIATES; gate++)
    if (op.intermediateParams(gate)) throw op.unsupported('gates with scales of their own');
  return cell;
}

function write(op: Op<'lstm'>, target: Target): WrittenOp {
  const [output, cell] = op.outputs.map((id) => target.tensor(id)) as [Tensor, Tensor];
  const [batch, , units] = target.fileShape(output.id) as [number, number, number];
  const state = (name: string, { dtype, quant }: Tensor) => ({
    constant: target.own({ id: name, dtype, shape: [batch, units], ...(quant && { quant }) }, true),
  });
  const inputs: WrittenOp['inputs'][number][] = Array<null>(INPUTS).fill(null);
  PLAIN.forEach((position, i) => (inputs[position] = op.inputs[i] ?? null));
  inputs[OUTPUT_STATE] = state('output_state', output);
  inputs[CELL_STATE] = state('cell_state', cell);
  return {
    builtin: 'UNIDIRECTIONAL_SEQUENCE_LSTM',
    version: isHybrid(op, target) ? 2 : 1,
    options: {
      table: 'UnidirectionalSequenceLSTMOptions',
      fields: { fusedActivation: TANH, cellClip: op.attrs.cellClip, projClip: 0, timeMajor: false },
    },
    inputs,
    outputs: 1,
    ...(output.dtype === 'int8' && { intermediates: intermediates(output, target) }),
  };
}

/** Float activations, which the kernel rounds as it runs, beside integer weights. */
function isHybrid({ inputs, outputs }: Op<'lstm'>, target: Target): boolean {
  return target.tensor(outputs[0]).dtype === 'float32' && target.tensor(inputs[1]!).dtype === 'int8';
}

/** Gates have none of their own; the output before the projection, which there is none of, has those of the output. */
function intermediates({ quant }: Tensor, target: Target): number[] {
  const own = (name: string, dtype: 'float32' | 'int8', params?: QuantParams) =>
    target.own({ id: name, dtype, shape: [0], ...(params && { quant: params }) }, false);
  const gates = ['input', 'forget', 'cell', 'output'].map((gate) => own(`input_to_${gate}`, 'float32'));
  return [...gates, own('hidden', 'int8', quant)];
}

export const LSTM: OpRows<'lstm'> = { lstm: { read: { UNIDIRECTIONAL_SEQUENCE_LSTM: read }, write } };
