/**
 * The embind surface of LiteRT.js' wasm module, as far as it is used here. @litertjs/core's own classes on top of it
 * refuse int8 tensors, hence this level. Whatever returns a `Deletable` hands it to the caller, who must delete it.
 */
export interface Deletable {
  delete(): void;
}

export interface EnumValue {
  readonly value: number;
}

export interface WasmVector<T> extends Deletable {
  size(): number;
  get(index: number): T;
}

export interface WasmLayout extends Deletable {
  dimensions(): WasmVector<number>;
}

export interface WasmTensorType extends Deletable {
  elementType(): EnumValue;
  layout(): WasmLayout;
  bytes(): number;
}

export interface WasmSignature extends Deletable {
  inputNames(): WasmVector<string>;
  outputNames(): WasmVector<string>;
}

export interface WasmModel extends Deletable {
  getNumSignatures(): number;
  getSignature(index: number): WasmSignature;
  getInputTensorType(signature: number, index: number): WasmTensorType;
  getOutputTensorType(signature: number, index: number): WasmTensorType;
}

export interface WasmTensorBuffer extends Deletable {
  /** Address of the contents. */
  lock(mode: EnumValue): number;
  unlock(): void;
  /** Bytes of the contents. */
  packedSize(): number;
}

export interface WasmCompiledModel extends Deletable {
  /** Creates the output buffers. Says nothing when it fails: see failures.ts. */
  run(signature: number, inputs: readonly WasmTensorBuffer[]): WasmTensorBuffer[];
}

export type WasmEnvironment = Deletable;

export interface LiteRtWasm {
  /** Replaced when the memory grows: never keep it across a call. */
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(bytes: number): number;
  _free(address: number): void;
  setupLogging(): void;
  readonly LiteRtEnvironment: { create(device: null): WasmEnvironment };
  readonly LiteRtTensorBufferType: { readonly HOST_MEMORY: EnumValue };
  readonly LiteRtTensorBufferLockMode: { readonly READ: EnumValue; readonly WRITE: EnumValue };
  readonly LiteRtTensorBuffer: {
    createManaged(
      environment: WasmEnvironment,
      buffer: EnumValue,
      type: WasmTensorType,
      bytes: number,
    ): WasmTensorBuffer;
  };
  loadModel(environment: WasmEnvironment, address: number, bytes: number): WasmModel;
  compileModel(environment: WasmEnvironment, model: WasmModel, options: object): WasmCompiledModel;
}
