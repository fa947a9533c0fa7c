/** One compiled model in the runtime. Input buffers are created once; output buffers by each run, and deleted with it. */
import type { DType, TensorData } from '../../core/graph/graph';
import { RangefinderError } from '../../base/errors';
import { isWorthARound } from '../latency-rounds';
import type { StderrLog } from './failures';
import type {
  Deletable,
  LiteRtWasm,
  WasmCompiledModel,
  WasmEnvironment,
  WasmModel,
  WasmTensorBuffer,
  WasmTensorType,
  WasmVector,
} from './wasm-module';

/** Values of litert::ElementType. */
const ELEMENT_TYPES: Readonly<Record<number, DType>> = {
  1: 'float32',
  2: 'int32',
  3: 'uint8',
  4: 'int64',
  6: 'bool',
  7: 'int16',
  9: 'int8',
};

type RuntimeArray = new (buffer: ArrayBuffer) => TensorData;

const ARRAYS: Readonly<Partial<Record<DType, RuntimeArray>>> = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  int16: Int16Array,
  int8: Int8Array,
};

export interface RuntimeTensor {
  readonly name: string;
  readonly dtype: DType;
  /** Concrete: the batch is what the file says, 1 where it left it open. */
  readonly shape: readonly number[];
  readonly bytes: number;
}

export class LiteRtModel {
  readonly inputs: readonly RuntimeTensor[];
  readonly outputs: readonly RuntimeTensor[];
  readonly #wasm: LiteRtWasm;
  readonly #log: StderrLog;
  readonly #compiled: WasmCompiledModel;
  readonly #inputBuffers: readonly WasmTensorBuffer[];
  #release: (() => void) | null;

  private constructor(
    wasm: LiteRtWasm,
    log: StderrLog,
    compiled: WasmCompiledModel,
    inputs: readonly { tensor: RuntimeTensor; buffer: WasmTensorBuffer }[],
    outputs: readonly RuntimeTensor[],
    release: () => void,
  ) {
    this.#wasm = wasm;
    this.#log = log;
    this.#compiled = compiled;
    this.#inputBuffers = inputs.map((i) => i.buffer);
    this.inputs = inputs.map((i) => i.tensor);
    this.outputs = outputs;
    this.#release = release;
  }

  /** Use {@link LiteRt.load}. */
  static load(wasm: LiteRtWasm, environment: WasmEnvironment, log: StderrLog, bytes: Uint8Array): LiteRtModel {
    const owned: Deletable[] = [];
    const own = <T extends Deletable>(object: T): T => (owned.push(object), object);
    const release = (): void => {
      if (log.dead) return; // the module's memory is gone with it
      for (const object of owned.splice(0).reverse()) object.delete();
    };
    log.clear();
    try {
      const address = wasm._malloc(bytes.byteLength);
      owned.push({ delete: () => wasm._free(address) });
      wasm.HEAPU8.set(bytes, address);
      const model = own(wasm.loadModel(environment, address, bytes.byteLength));
      if (model.getNumSignatures() === 0) throw new Error('the file has no signature and no subgraph');
      const names = readNames(model);
      const inputTypes = names.inputs.map((_, i) => own(model.getInputTensorType(0, i)));
      const inputs = names.inputs.map((name, i) => describe(name, inputTypes[i]));
      const outputs = names.outputs.map((name, i) => {
        const type = model.getOutputTensorType(0, i);
        try {
          return describe(name, type);
        } finally {
          type.delete();
        }
      });
      const options = {
        accelerator: 'wasm',
        cpuOptions: { numThreads: 1 },
        gpuOptions: {},
        webNNOptions: {},
        environment,
      };
      const compiled = own(wasm.compileModel(environment, model, options));
      const buffers = inputs.map((tensor, i) => ({
        tensor,
        buffer: own(
          wasm.LiteRtTensorBuffer.createManaged(
            environment,
            wasm.LiteRtTensorBufferType.HOST_MEMORY,
            inputTypes[i],
            tensor.bytes,
          ),
        ),
      }));
      return new LiteRtModel(wasm, log, compiled, buffers, outputs, release);
    } catch (thrown) {
      const error = log.error('load the model', thrown);
      release();
      throw error;
    }
  }

  /**
   * One inference: values of each input in order, in the input's own type, and as many as its shape asks for.
   * Outputs are copies and stay valid.
   * @throws RangefinderError 'invalid-data' for values of the wrong type or number; 'runtime-failed' with the reason
   * where the runtime reported one, even though its own run() returns normally.
   */
  run(inputs: readonly TensorData[]): TensorData[] {
    this.#write(inputs);
    this.#log.clear();
    let buffers: WasmTensorBuffer[] = [];
    try {
      buffers = this.#compiled.run(0, this.#inputBuffers);
      if (this.#log.failures().length > 0) throw new Error('a kernel failed');
      return buffers.map((buffer, i) => this.#read(buffer, this.outputs[i]));
    } catch (thrown) {
      throw this.#log.error('run the model', thrown);
    } finally {
      if (!this.#log.dead) for (const buffer of buffers) buffer.delete();
    }
  }

  /**
   * A stopwatch for these inputs: every call is a round, and returns the milliseconds of one inference in it; copying values in
   * and out is not counted. A round is as many inferences as take about 2 ms, because a page's clock ticks in steps of 0.1 ms.
   * @throws like {@link run}.
   */
  stopwatch(inputs: readonly TensorData[]): () => number {
    this.run(inputs); // the first run prepares tensors, and would tell of a failure
    const time = (count: number): number => {
      const start = performance.now();
      for (let i = 0; i < count; i++) for (const buffer of this.#compiled.run(0, this.#inputBuffers)) buffer.delete();
      return performance.now() - start;
    };
    let count = 1;
    let last = time(count);
    while (count < 1024 && last < 2) last = time((count *= 2));
    // What was measured to find out how many is the first round: an inference of a large model takes its time.
    let first: number | null = last / count;
    return () => {
      const known = first;
      first = null;
      return known ?? time(count) / count;
    };
  }

  /** Median milliseconds of one inference over `rounds` of the stopwatch, or as many as {@link isWorthARound} allows. */
  latency(inputs: readonly TensorData[], rounds = 25): number {
    const round = this.stopwatch(inputs);
    const times: number[] = [];
    const started = performance.now();
    while (times.length < rounds && isWorthARound(times.length, performance.now() - started)) times.push(round());
    return times.sort((a, b) => a - b)[times.length >> 1];
  }

  /** Frees everything the model holds in wasm memory. Further calls fail. */
  dispose(): void {
    this.#release?.();
    this.#release = null;
  }

  #write(inputs: readonly TensorData[]): void {
    if (this.#release === null) throw new Error('the model was disposed of');
    if (this.#log.dead) throw this.#log.error('run the model');
    if (inputs.length !== this.inputs.length)
      throw invalidInput(`The model has ${this.inputs.length} inputs, ${inputs.length} were given.`);
    inputs.forEach((values, i) => {
      const { name, dtype, bytes, shape } = this.inputs[i];
      const array = ARRAYS[dtype];
      if (!array || !(values instanceof array) || values.byteLength !== bytes)
        throw invalidInput(
          `Input "${name}" takes ${dtype} values of shape [${shape}], not ${values.length} of ${values.constructor.name}.`,
        );
    });
    inputs.forEach((values, i) => {
      const buffer = this.#inputBuffers[i];
      const address = buffer.lock(this.#wasm.LiteRtTensorBufferLockMode.WRITE);
      this.#wasm.HEAPU8.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), address);
      buffer.unlock();
    });
  }

  #read(buffer: WasmTensorBuffer, tensor: RuntimeTensor): TensorData {
    const address = buffer.lock(this.#wasm.LiteRtTensorBufferLockMode.READ);
    const copy = this.#wasm.HEAPU8.slice(address, address + tensor.bytes).buffer;
    buffer.unlock();
    const array = ARRAYS[tensor.dtype];
    if (!array) throw new Error(`output "${tensor.name}" is ${tensor.dtype}`);
    return new array(copy);
  }
}

function invalidInput(message: string): RangefinderError {
  return new RangefinderError({ code: 'invalid-data', message });
}

function readNames(model: WasmModel): { inputs: string[]; outputs: string[] } {
  const signature = model.getSignature(0);
  try {
    return { inputs: takeAll(signature.inputNames()), outputs: takeAll(signature.outputNames()) };
  } finally {
    signature.delete();
  }
}

function describe(name: string, type: WasmTensorType): RuntimeTensor {
  const dtype = ELEMENT_TYPES[type.elementType().value];
  if (!dtype) throw new Error(`tensor "${name}" has a type this project does not read (${type.elementType().value})`);
  const layout = type.layout();
  try {
    return { name, dtype, shape: takeAll(layout.dimensions()), bytes: type.bytes() };
  } finally {
    layout.delete();
  }
}

/** Contents of an embind vector, which is deleted. */
function takeAll<T>(vector: WasmVector<T>): T[] {
  try {
    return Array.from({ length: vector.size() }, (_, i) => vector.get(i));
  } finally {
    vector.delete();
  }
}
