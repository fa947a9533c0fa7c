/** Architectures real files nest some twenty deep; readers walk them recursively. */
const DEEPEST = 500;

/**
 * JSON.parse for text from anywhere.
 * @throws SyntaxError for text that is no JSON, and for one that is nested too deeply to be walked
 */
export function parseJsonText(text: string): unknown {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === 0x5c) i++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > DEEPEST) throw new SyntaxError(`it is nested more than ${DEEPEST} deep`);
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return JSON.parse(text);
}
