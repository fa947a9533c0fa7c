/** Which addresses are fetched on behalf of whoever pasted one, or followed a link that names one. */
import { RangefinderError } from '../../base/errors';

/**
 * A page can reach what stands in the visitor's own network, which whoever wrote a link cannot: hosts there are refused,
 * except the one that the page itself comes from.
 *
 * @param ownHost host name of the page
 * @throws RangefinderError 'missing-file' for other protocols, 'unsupported-feature' for passwords and private hosts
 */
export function checkRemote(url: URL, ownHost: string): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw notWeb(url.href);
  if (url.username !== '' || url.password !== '')
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: 'The address holds a user name or a password.',
      where: url.host,
      hint: 'Download the file and drop it here.',
    });
  if (url.hostname === ownHost || !isPrivateHost(url.hostname)) return;
  throw new RangefinderError({
    code: 'unsupported-feature',
    message: `${url.hostname} lies in a private network, from which nothing is fetched: a link could have been made to.`,
    where: url.href,
    hint: 'Download the file and drop it here.',
  });
}

export const notWeb = (text: string) =>
  new RangefinderError({
    code: 'missing-file',
    message: 'This is not a web address.',
    where: text.slice(0, 200),
    hint: 'Paste a full address, beginning with https://',
  });

/**
 * The address of a file that `base` names, which has to lie in the same directory or below it.
 * @throws RangefinderError 'invalid-data'
 */
export function besides(base: URL, path: string): URL {
  const url = URL.parse(path, base);
  const folder = base.pathname.slice(0, base.pathname.lastIndexOf('/') + 1);
  if (url && url.origin === base.origin && url.pathname.startsWith(folder)) return url;
  throw new RangefinderError({
    code: 'invalid-data',
    message: 'The model names a file that does not lie in its own directory.',
    where: path.slice(0, 200),
    hint: 'Download the model with all its files and drop them together.',
  });
}

/** Names that never leave a local network (RFC 6761, RFC 6762, RFC 9476). */
const LOCAL_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home\.arpa)\.?$/i;

/** First addresses and prefix lengths of what is not routed to on the internet (RFC 6890). */
const PRIVATE_V4 = [
  [[0, 0, 0, 0], 8],
  [[10, 0, 0, 0], 8],
  [[100, 64, 0, 0], 10],
  [[127, 0, 0, 0], 8],
  [[169, 254, 0, 0], 16],
  [[172, 16, 0, 0], 12],
  [[192, 168, 0, 0], 16],
] as const;

/** @param host as URL.hostname normalizes it: IPv4 in four decimals, IPv6 compressed and in brackets */
export function isPrivateHost(host: string): boolean {
  if (host.startsWith('[')) return isPrivateV6(host.slice(1, -1));
  const parts = host.split('.').map(Number);
  if (parts.length === 4 && parts.every((part) => part >= 0 && part <= 255)) return isPrivateV4(parts);
  // A name without a dot is looked up in the local network.
  return LOCAL_NAME.test(host) || !host.includes('.');
}

const asNumber = (parts: readonly number[]) => parts.reduce((sum, part) => sum * 256 + part, 0);

function isPrivateV4(parts: readonly number[]): boolean {
  const address = asNumber(parts);
  return PRIVATE_V4.some(([first, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(address / size) === Math.floor(asNumber(first) / size);
  });
}

/** Loopback and unspecified, unique local (fc00::/7), link-local (fe80::/10) and IPv4 in IPv6's clothes. */
function isPrivateV6(address: string): boolean {
  if (address === '::1' || address === '::' || /^(f[cd]|fe[89ab])/.test(address)) return true;
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(address);
  if (!mapped) return false;
  const [high, low] = [parseInt(mapped[1], 16), parseInt(mapped[2], 16)];
  return isPrivateV4([high >> 8, high & 255, low >> 8, low & 255]);
}
