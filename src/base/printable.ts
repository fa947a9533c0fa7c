/**
 * Text that comes from files, for a terminal. A name may hold sequences that move the cursor, set colours or the window's
 * title, and marks that turn the direction of all that follows: they are shown by their code. Names of thousands of
 * characters are cut.
 */

// C0 and C1 controls but for tab and line feed; marks, embeddings, overrides and isolates of direction.
const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

export function printable(text: string): string {
  return text.replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A name as a cell of a table or a part of a sentence: the middle of a long one is left out. */
export function shortened(name: string, length = 80): string {
  if (name.length <= length) return name;
  const end = Math.floor((length - 1) / 2);
  return `${name.slice(0, length - 1 - end)}…${name.slice(name.length - end)}`;
}
