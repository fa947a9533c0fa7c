/** The real LiteRT runtime, one wasm instance of it: boots from a host, loads .tflite bytes. Single-threaded, CPU. */
import { StderrLog } from './failures';
import { LITERT_VERSION, type LiteRtHost } from './host';
import { LiteRtModel } from './model';
import { pinSymbolicShapes } from './pin-shapes';
import type { LiteRtWasm, WasmEnvironment } from './wasm-module';

export type { LiteRtHost } from './host';

export class LiteRt {
  /** "LiteRT.js 2.5.3 (relaxed SIMD)": fit for reports. */
  readonly name: string;
  readonly #wasm: LiteRtWasm;
  readonly #environment: WasmEnvironment;
  readonly #log: StderrLog;

  private constructor(name: string, wasm: LiteRtWasm, environment: WasmEnvironment, log: StderrLog) {
    this.name = name;
    this.#wasm = wasm;
    this.#environment = environment;
    this.#log = log;
  }

  /** @throws RangefinderError 'runtime-failed' where the wasm cannot be fetched, compiled or started. */
  static async boot(host: LiteRtHost): Promise<LiteRt> {
    const name = `LiteRT.js ${LITERT_VERSION} (${host.build})`;
    const log = new StderrLog();
    try {
      const [factory, module] = await Promise.all([host.factory(), host.compile()]);
      const wasm = await new Promise<LiteRtWasm>((resolve, reject) => {
        factory({
          print: log.write,
          printErr: log.write,
          instantiateWasm: (imports, receive) => {
            WebAssembly.instantiate(module, imports).then((instance) => receive(instance, module), reject);
            return {};
          },
        }).then(resolve, reject);
      });
      wasm.setupLogging();
      return new LiteRt(name, wasm, wasm.LiteRtEnvironment.create(null), log);
    } catch (thrown) {
      throw log.error(`start (${host.build} build)`, thrown);
    }
  }

  /** Bytes of wasm memory held; grows and never shrinks. */
  get heapBytes(): number {
    return this.#wasm.HEAPU8.byteLength;
  }

  /** The module aborted; every further call fails. Boot a new one. */
  get dead(): boolean {
    return this.#log.dead;
  }

  /**
   * Loads and compiles the first signature (or subgraph) of a .tflite file. A symbolic batch becomes 1. The bytes are
   * copied; dispose the model when done.
   * @throws RangefinderError 'runtime-failed' with the runtime's reason; 'corrupt-file' for what is no flatbuffer.
   */
  load(bytes: Uint8Array): LiteRtModel {
    if (this.dead) throw this.#log.error('load the model');
    return LiteRtModel.load(this.#wasm, this.#environment, this.#log, pinSymbolicShapes(bytes));
  }

  /** Frees the environment. Models must have been disposed of. */
  dispose(): void {
    if (!this.dead) this.#environment.delete();
  }
}
