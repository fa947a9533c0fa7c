/** Whether an exported file runs as a whole where only a part of it can be computed here. */
import { toErrorInfo } from '../../base/errors';
import { elementCount, tensorOf, type Graph, type TensorData } from '../../core/graph/graph';
import { remembers } from '../../core/graph/lstm';
import { fileInputs } from '../session/file-runner';
import type { DeliveredRun } from '../contract/protocol';
import type { Session } from '../session/session';

/**
 * Runs the very bytes that are delivered, once, in LiteRT.js. Inputs that only the part not computed here reads are zero.
 * @param part the computable part of the file, which the sample is for
 */
export async function runDelivered(
  session: Session,
  file: Uint8Array,
  whole: Graph,
  part: Graph,
  sample: Float32Array,
): Promise<DeliveredRun> {
  const runtime = await session.runtime();
  if (remembers(whole))
    return {
      ran: false,
      finite: false,
      inWords: `The whole file was not run, only the part computed here: ${runtime.name} loads no variables, which its LSTM operators need.`,
    };
  const given = new Map<string, TensorData>();
  fileInputs(part, sample).forEach((values, i) => given.set(part.inputs[i], values));
  try {
    const model = runtime.load(file);
    try {
      const inputs = whole.inputs.map((id) => given.get(id) ?? zeros(whole, id));
      const outputs = model.run(inputs);
      const sound = outputs.every(
        (values) => !(values instanceof Float32Array) || values.every((v) => Number.isFinite(v)),
      );
      return sound
        ? { ran: true, finite: true, inWords: `The whole file ran in ${runtime.name}.` }
        : {
            ran: true,
            finite: false,
            inWords: `The whole file ran in ${runtime.name}, and its outputs hold values that are no numbers.`,
          };
    } finally {
      model.dispose();
    }
  } catch (thrown) {
    const { message } = toErrorInfo(thrown);
    return {
      ran: false,
      finite: false,
      inWords: `The whole file was not run, only the part computed here: ${message}`,
    };
  }
}

function zeros(whole: Graph, id: string): TensorData {
  const { dtype, shape } = tensorOf(whole, id);
  const count = elementCount(shape.map((d) => Math.max(d, 1)));
  if (dtype === 'float32') return new Float32Array(count);
  if (dtype === 'int32') return new Int32Array(count);
  if (dtype === 'int64') return new BigInt64Array(count);
  if (dtype === 'int16') return new Int16Array(count);
  return dtype === 'int8' ? new Int8Array(count) : new Uint8Array(count);
}
