/** Text in whatever encoding the program wrote it: tables come from spreadsheets, and these from systems of their own. */
import { codePageOf, decodeName } from './zip-names';

export interface DecodedText {
  readonly text: string;
  /** How it was read where that was a guess; null for Unicode, which says or proves what it is. */
  readonly guessed: string | null;
}

/** Byte order marks of UTF-16, which spreadsheets call Unicode. */
const UTF16 = [
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
] as const;

export function isUtf16(head: Uint8Array): boolean {
  return utf16Of(head) !== undefined;
}

export function decodeText(bytes: Uint8Array): DecodedText {
  const utf16 = utf16Of(bytes);
  if (utf16) return { text: new TextDecoder(utf16.encoding).decode(bytes), guessed: null };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), guessed: null };
  } catch {
    const codePage = codePageOf(linesOf(bytes));
    return { text: decodeName(bytes, codePage), guessed: codePage };
  }
}

const utf16Of = (bytes: Uint8Array) => UTF16.find(({ mark }) => mark.every((byte, i) => bytes[i] === byte));

const LINE_FEED = 10;
/** A file of a single line says no less in its beginning. */
const LINES = 1000;

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.length && lines.length < LINES;) {
    const end = bytes.indexOf(LINE_FEED, at);
    const line = bytes.subarray(at, end < 0 ? bytes.length : end);
    if (line.some((byte) => byte >= 128)) lines.push(line);
    at += line.length + 1;
  }
  return lines;
}
