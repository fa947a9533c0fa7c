/** Writes .npy files for tests. */

export interface Written {
  readonly descr: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly fortran?: boolean;
  readonly version?: 1 | 2 | 3;
}

/** Writes element by element through DataView, so that it shares nothing with the reader's typed-array views. */
export function writeNpy({ descr, shape, values, fortran = false, version = 1 }: Written): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${dims}), }`;
  const prefix = version === 1 ? 10 : 12;
  const header = dict.padEnd(Math.ceil((prefix + dict.length + 1) / 64) * 64 - prefix - 1) + '\n';
  const code = descr.slice(1);
  const size = Number(code[1]);
  const bytes = new Uint8Array(prefix + header.length + values.length * size);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, header.length, true);
  else view.setUint32(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), prefix);
  const little = descr[0] !== '>';
  const write: Record<string, (at: number, value: number) => void> = {
    f4: (at, v) => view.setFloat32(at, v, little),
    f8: (at, v) => view.setFloat64(at, v, little),
    i1: (at, v) => view.setInt8(at, v),
    u1: (at, v) => view.setUint8(at, v),
    i2: (at, v) => view.setInt16(at, v, little),
    u2: (at, v) => view.setUint16(at, v, little),
    f2: (at, v) => view.setUint16(at, v, little), // the raw half
    i4: (at, v) => view.setInt32(at, v, little),
    i8: (at, v) => view.setBigInt64(at, BigInt(v), little),
    b1: (at, v) => view.setUint8(at, v),
  };
  values.forEach((value, i) => write[code](prefix + header.length + i * size, value));
  return bytes;
}
