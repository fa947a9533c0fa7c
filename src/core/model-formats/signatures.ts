/** Small questions about the first bytes of a file. */

/** Bytes at an offset, given as text (one character a byte) so that tables stay readable. */
export function hasBytes(bytes: Uint8Array, text: string, at = 0): boolean {
  if (bytes.length < at + text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** The beginning of a text file, byte order mark and blanks skipped, in lower case; '' for binary files. */
export function textHead(bytes: Uint8Array, length = 1024): string {
  const text = new TextDecoder().decode(bytes.subarray(0, length));
  const binary = [...text].some((c) => c < ' ' && !'\t\n\r\f'.includes(c));
  return binary ? '' : text.trimStart().toLowerCase();
}

/** Whether the bytes are a JSON object, judged by their first character. */
export function startsAsJson(bytes: Uint8Array): boolean {
  return textHead(bytes, 64).startsWith('{');
}

/**
 * Numbers of the top-level fields of a Protocol Buffers message with the wire type each had first, or null where the
 * bytes are none. Reads until `bytes` end, a field reaches beyond them, or enough fields were seen.
 */
export function protobufFields(bytes: Uint8Array): ReadonlyMap<number, number> | null {
  const fields = new Map<number, number>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return NaN;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    return NaN;
  };
  for (let count = 0; at < bytes.length && count < 4096; count++) {
    const tag = varint();
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    if (Number.isNaN(tag) || field < 1 || field > 9999 || ![0, 1, 2, 5].includes(wire)) return null;
    if (!fields.has(field)) fields.set(field, wire);
    const content = wire === 1 ? 8 : wire === 5 ? 4 : varint();
    if (wire !== 0) at += content;
    if (Number.isNaN(at)) return null;
  }
  return fields.size > 0 ? fields : null;
}

/** A Protocol Buffers message that has the version and the graph of an ONNX model, and no fields ONNX does not know. */
export function isOnnx(bytes: Uint8Array): boolean {
  const fields = protobufFields(bytes);
  return fields?.get(1) === 0 && fields.get(7) === 2 && Math.max(...fields.keys()) <= 26;
}
