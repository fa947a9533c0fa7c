/** Damage to a Protocol Buffers message that leaves it one: fields changed, dropped, doubled and moved. */
import type { Random } from '../../base/random';

/** A field as it is on the wire; content that reads as a message is taken apart. */
interface Field {
  number: number;
  wire: number;
  value: bigint | Uint8Array | Field[];
}

const NUMBERS = [0n, 1n, 2n, 3n, 7n, 17n, 64n, 255n, 65536n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const TEXTS = ['', 'x', 'SAME_UPPER', 'bidirectional', 'constructor', '__proto__', '<b>'];
const DEEPEST = 8;

/** A changed copy; null for bytes that are no message. */
export function mutateProtobuf(bytes: Uint8Array, random: Random): Uint8Array | null {
  const root = parse(bytes, 0);
  if (!root) return null;
  for (let n = 1 + random.integer(3); n > 0; n--) change(root, random);
  return Uint8Array.from(encode(root));
}

function parse(bytes: Uint8Array, depth: number): Field[] | null {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return null;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return null;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === null || tag >> 3n < 1n || tag >> 3n > 100n) return null;
    const [number, wire] = [Number(tag >> 3n), Number(tag & 7n)];
    if (wire === 0) {
      const value = varint();
      if (value === null) return null;
      fields.push({ number, wire, value });
      continue;
    }
    const length = wire === 1 ? 8n : wire === 5 ? 4n : wire === 2 ? varint() : null;
    if (length === null || at + Number(length) > bytes.length) return null;
    const content = bytes.slice(at, at + Number(length));
    at += Number(length);
    // Long content is weights, whatever it looks like.
    const inner =
      wire === 2 && content.length > 1 && content.length < 4e6 && depth < DEEPEST ? parse(content, depth + 1) : null;
    fields.push({ number, wire, value: inner && inner.length > 0 ? inner : content });
  }
  return fields;
}

function encode(fields: readonly Field[]): number[] {
  const out: number[] = [];
  const varint = (value: bigint) => {
    let rest = BigInt.asUintN(64, value);
    for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
    out.push(Number(rest));
  };
  for (const { number, wire, value } of fields) {
    varint(BigInt(number * 8 + wire));
    if (typeof value === 'bigint') varint(value);
    else {
      const content = Array.isArray(value) ? encode(value) : value;
      if (wire === 2) varint(BigInt(content.length));
      for (const byte of content) out.push(byte);
    }
  }
  return out;
}

/** Every list of fields, by its depth. */
function lists(fields: Field[]): Field[][] {
  return [fields, ...fields.flatMap(({ value }) => (Array.isArray(value) ? lists(value) : []))];
}

function change(root: Field[], random: Random): void {
  const pick = <T>(items: readonly T[]) => items[random.integer(items.length)];
  const all = lists(root).filter(({ length }) => length > 0);
  const list = pick(all);
  const index = random.integer(list.length);
  const field = list[index];
  switch (random.integer(8)) {
    case 0:
      list.splice(index, 1);
      return;
    case 1:
      list.splice(random.integer(list.length), 0, structuredClone(field));
      return;
    case 2:
      list.splice(index, 1, ...list.splice(random.integer(list.length), 1, field));
      return;
    case 3: {
      // The value of a field of the same kind elsewhere: a name where another stood.
      const alike = all.flatMap((fields) =>
        fields.filter(({ number, wire }) => number === field.number && wire === field.wire),
      );
      field.value = structuredClone(pick(alike).value);
      return;
    }
    default:
      if (typeof field.value === 'bigint')
        field.value = random.integer(2) ? pick(NUMBERS) : field.value + BigInt(random.integer(5) - 2);
      else if (Array.isArray(field.value)) change(field.value.length > 0 ? field.value : root, random);
      else if (random.integer(3) === 0 && field.wire === 2) field.value = new TextEncoder().encode(pick(TEXTS));
      else if (field.value.length > 0) field.value[random.integer(field.value.length)] = random.integer(256);
  }
}
