/**
 * Names in zip archives. The format knows two alphabets, UTF-8 where a flag says so and CP437 elsewhere (APPNOTE 4.4.4,
 * appendix D); programs write whatever their system uses all the same, so that the bytes of all names are looked at.
 */
export type CodePage = 'UTF-8' | 'CP437' | 'Windows-1252' | 'Shift-JIS';

/** Upper half of IBM's code page 437. */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

const DECODERS: Readonly<Record<CodePage, (name: Uint8Array) => string>> = {
  'UTF-8': (name) => new TextDecoder().decode(name),
  CP437: (name) => Array.from(name, (byte) => (byte < 128 ? String.fromCharCode(byte) : CP437[byte - 128])).join(''),
  'Windows-1252': (name) => new TextDecoder('windows-1252').decode(name),
  'Shift-JIS': (name) => new TextDecoder('shift_jis').decode(name),
};

export function decodeName(name: Uint8Array, codePage: CodePage): string {
  return DECODERS[codePage](name);
}

/** The code page of names without the UTF-8 flag, by all of them together; the format's own, CP437, where nothing tells. */
export function codePageOf(names: readonly Uint8Array[]): CodePage {
  const odd = names.filter((name) => name.some((byte) => byte >= 128)).slice(0, 1000);
  if (odd.length === 0) return 'CP437';
  if (odd.every(isUtf8)) return 'UTF-8';
  if (areJapanese(odd)) return 'Shift-JIS';
  const letters = (codePage: CodePage) =>
    odd.reduce((sum, name) => sum + (decodeName(name, codePage).match(LETTERS)?.length ?? 0), 0);
  return letters('Windows-1252') > letters('CP437') ? 'Windows-1252' : 'CP437';
}

/** Letters of western European languages beyond ASCII. */
const LETTERS = /[ÀÁÂÄÅÆÇÈÉÊËÍÎÏÑÓÔÖØÙÚÛÜßàáâäåæçèéêëìíîïñòóôöøùúûüÿ]/g;

function isUtf8(name: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * Valid Shift-JIS, some of which reads as kana or kanji. Letters with accents may look like the halves of kanji, but stand
 * alone among small letters: "forêt" is no Japanese.
 */
function areJapanese(names: readonly Uint8Array[]): boolean {
  if (2 * names.filter(isAmongLetters).length > names.length) return false;
  const texts = names.map((name) => decodeName(name, 'Shift-JIS'));
  return (
    !texts.some((text) => text.includes('\ufffd')) && texts.some((text) => /[\u3040-\u30ff\u3400-\u9fff]/.test(text))
  );
}

/** Whether each byte beyond ASCII stands alone and beside a small letter. */
function isAmongLetters(name: Uint8Array): boolean {
  const isHigh = (at: number) => (name[at] ?? 0) >= 128;
  const isSmall = (at: number) => (name[at] ?? 0) >= 0x61 && name[at] <= 0x7a;
  return name.every(
    (byte, at) => byte < 128 || (!isHigh(at - 1) && !isHigh(at + 1) && (isSmall(at - 1) || isSmall(at + 1))),
  );
}
