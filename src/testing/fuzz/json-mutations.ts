/** Damage to a JSON document that leaves it JSON: values of the wrong type, size or place. */
import type { Random } from '../../base/random';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Holder = Json[] | { [key: string]: Json };

const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  2,
  3,
  -1,
  0.5,
  255,
  65536,
  1e6,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53,
  1e300,
  -1e9,
  '',
  'x',
  'constructor',
  '__proto__',
  'toString',
  '<img src=x onerror=alert(1)>',
  '1000000000',
  'NaN',
  [],
  {},
  [[[[]]]],
  [1000000, 1000000],
  [0, 0, 0, 0],
  [-1],
  [null, null],
  { class_name: 'Dense', config: {} },
];

interface Place {
  readonly holder: Holder;
  readonly key: string | number;
}

/** A changed copy of a document, as text. */
export function mutateJson(text: string, random: Random): string {
  const root = { document: JSON.parse(text) as Json };
  for (let n = 1 + random.integer(3); n > 0; n--) change(root, random);
  return JSON.stringify(root.document) ?? '';
}

function change(root: { document: Json }, random: Random): void {
  const places = placesIn(root);
  const { holder, key } = places[random.integer(places.length)];
  const value = get(holder, key);
  switch (random.integer(6)) {
    case 0:
    case 1:
      set(holder, key, structuredClone(VALUES[random.integer(VALUES.length)]!));
      return;
    case 2:
      set(holder, key, nudged(value, random));
      return;
    case 3: {
      const other = places[random.integer(places.length)];
      set(holder, key, structuredClone(get(other.holder, other.key)));
      return;
    }
    case 4:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else if (holder !== root) delete holder[key];
      return;
    default:
      if (Array.isArray(holder)) for (let n = 1 + random.integer(3); n > 0; n--) holder.push(structuredClone(value));
      else set(holder, key, [value]);
  }
}

/** Of the same type, but another. */
function nudged(value: Json, random: Random): Json {
  if (typeof value === 'number') return random.integer(2) ? value + [1, -1, 2][random.integer(3)] : -value * 1000;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') {
    if (/^-?\d+$/.test(value)) return String(Number(value) * [2, -1, 1000, 0][random.integer(4)] + random.integer(2));
    return random.integer(2) ? value.slice(0, random.integer(value.length + 1)) : value + value;
  }
  if (Array.isArray(value)) return random.integer(2) ? [...value].reverse() : value.slice(1);
  return value;
}

function placesIn(root: Holder): Place[] {
  const places: Place[] = [];
  const walk = (holder: Holder) => {
    for (const key of Object.keys(holder)) {
      const value = get(holder, key);
      places.push({ holder, key });
      if (typeof value === 'object' && value !== null) walk(value);
    }
  };
  walk(root);
  return places;
}

function get(holder: Holder, key: string | number): Json {
  return (holder as Record<string, Json>)[key]!;
}

function set(holder: Holder, key: string | number, value: Json): void {
  (holder as Record<string, Json>)[key] = value;
}
