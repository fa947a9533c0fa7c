/**
 * Fake quantization of an array in wasm memory, four floats at a time. tfjs would need five passes (divide, round, clip,
 * scale and an allocation each); this is one, in place, on the memory tfjs' own kernels work on. The module is a single
 * function, assembled here from its instructions (WebAssembly core specification 2.0, chapter 5) rather than compiled.
 */

/** @param source and target are byte offsets, equal for in place; low = qmin − zeroPoint, high = qmax − zeroPoint */
export type FakeQuantKernel = (
  source: number,
  target: number,
  count: number,
  scale: number,
  low: number,
  high: number,
) => void;

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const VOID = 0x40;

/** Parameters, then locals. */
const [SOURCE, TARGET, COUNT, SCALE, LOW, HIGH, END, SCALES, LOWS, HIGHS] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

const leb = (n: number): number[] => (n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...leb(n >> 7)]);
/** Signed, for constants between −64 and 63. */
const i32Const = (n: number) => [0x41, n & 0x7f];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const simd = (opcode: number, ...immediate: number[]) => [0xfd, ...leb(opcode), ...immediate];

const I32_ADD = 0x6a;
const I32_AND = 0x71;
const I32_SHL = 0x74;
const I32_GE_U = 0x4f;
const BLOCK = [0x02, VOID];
const LOOP = [0x03, VOID];
const BR = 0x0c;
const BR_IF = 0x0d;
const END_BLOCK = 0x0b;
/** Alignment exponent and offset of a load or store. */
const WORD = [2, 0];

const vector = {
  load: simd(0x00, ...WORD),
  store: simd(0x0b, ...WORD),
  splat: simd(0x13),
  nearest: simd(0x6a), // ties to even
  mul: simd(0xe6),
  div: simd(0xe7),
  // The "pseudo" forms are one instruction each and let NaN through.
  min: simd(0xea),
  max: simd(0xeb),
};
const scalar = {
  load: [0x2a, ...WORD],
  store: [0x38, ...WORD],
  nearest: [0x90],
  mul: [0x94],
  div: [0x95],
  min: [0x96],
  max: [0x97],
};

/** target = clamp(nearest(source / scale)) · scale, for one step of either width. */
function body(kind: typeof vector | typeof scalar, scale: number, low: number, high: number): number[] {
  return [
    ...get(TARGET),
    ...[...get(SOURCE), ...kind.load, ...get(scale), ...kind.div, ...kind.nearest],
    ...[...get(high), ...kind.min, ...get(low), ...kind.max, ...get(scale), ...kind.mul],
    ...kind.store,
  ];
}

const advance = (local: number, bytes: number) => [...get(local), ...i32Const(bytes), I32_ADD, ...set(local)];

/** Repeats `step` until SOURCE reaches END. */
function loop(step: readonly number[], bytes: number): number[] {
  return [
    ...[...BLOCK, ...LOOP],
    ...[...get(SOURCE), ...get(END), I32_GE_U, BR_IF, 1],
    ...step,
    ...advance(SOURCE, bytes),
    ...advance(TARGET, bytes),
    ...[BR, 0, END_BLOCK, END_BLOCK],
  ];
}

/** END = SOURCE + 4 · number of elements, which are on the stack. */
const setEnd = [...i32Const(2), I32_SHL, ...get(SOURCE), I32_ADD, ...set(END)];

const code = [
  ...[2, 1, I32, 3, V128], // locals: END; SCALES, LOWS, HIGHS
  ...[...get(SCALE), ...vector.splat, ...set(SCALES)],
  ...[...get(LOW), ...vector.splat, ...set(LOWS)],
  ...[...get(HIGH), ...vector.splat, ...set(HIGHS)],
  ...[...get(COUNT), ...i32Const(-4), I32_AND, ...setEnd],
  ...loop(body(vector, SCALES, LOWS, HIGHS), 16),
  ...[...get(COUNT), ...i32Const(3), I32_AND, ...setEnd],
  ...loop(body(scalar, SCALE, LOW, HIGH), 4),
  END_BLOCK,
];

const section = (id: number, ...content: number[]) => [id, ...leb(content.length), ...content];
const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];

const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, 1, 0x60, 6, I32, I32, I32, F32, F32, F32, 0),
  ...section(2, 1, ...name('m'), ...name('m'), 0x02, 0x00, 0), // memory, no limits asked for
  ...section(3, 1, 0),
  ...section(7, 1, ...name('f'), 0x00, 0),
  ...section(10, 1, ...leb(code.length), ...code),
]);

/** The kernel bound to one memory. */
export function fakeQuantKernel(memory: WebAssembly.Memory): FakeQuantKernel {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(MODULE), { m: { m: memory } });
  return instance.exports.f as FakeQuantKernel;
}
