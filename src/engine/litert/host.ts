/** What LiteRT.js needs from its surroundings. `browser-host.ts` and `node-host.ts` provide it; nothing else differs. */
import type { LiteRtWasm } from './wasm-module';

/** "relaxed SIMD" is the normal build; "compat" runs where an engine lacks relaxed SIMD (Node 20 among them). */
export type LiteRtBuild = 'relaxed SIMD' | 'compat';

/** Version of @litertjs/core whose wasm folder is used. */
export const LITERT_VERSION = '2.5.3';

/** File names in @litertjs/core/wasm, without extension. */
export const BUILD_FILES: Readonly<Record<LiteRtBuild, string>> = {
  'relaxed SIMD': 'litert_wasm_internal',
  compat: 'litert_wasm_compat_internal',
};

export interface LiteRtHost {
  readonly build: LiteRtBuild;
  /** The factory which the build's script defines. */
  factory(): Promise<LiteRtFactory>;
  /** The build's compiled .wasm. */
  compile(): Promise<WebAssembly.Module>;
}

/** Emscripten's incoming module object, as far as it is used here. */
export interface FactoryOptions {
  readonly print: (line: string) => void;
  readonly printErr: (line: string) => void;
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ) => object;
}

export type LiteRtFactory = (options: FactoryOptions) => Promise<LiteRtWasm>;

/**
 * Whether this engine compiles relaxed SIMD: validates a module of one function,
 * `(func (result v128) i32.const 1  i8x16.splat  i32.const 2  i8x16.splat  i8x16.relaxed_swizzle)`.
 */
export function supportsRelaxedSimd(): boolean {
  const section = (id: number, ...body: number[]) => [id, body.length, ...body];
  const code = [0, 0x41, 1, 0xfd, 0x0f, 0x41, 2, 0xfd, 0x0f, 0xfd, 0x80, 0x02, 0x0b];
  return WebAssembly.validate(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, 1, 0x60, 0, 1, 0x7b),
      ...section(3, 1, 0),
      ...section(10, 1, code.length, ...code),
    ]),
  );
}
