/**
 * Work as a link: settings, split, view and the sample's name, compressed into the address behind #, which no server sees.
 * Never data and never weights; a model of one's own is named by its fingerprint, and its file asked for.
 */
import { deflateSync, inflateSync } from 'fflate';
import { z } from '../../base/zod';
import { RangefinderError } from '../../base/errors';
import { choicesSchema } from './manifest';

export const LINK_VERSION = 1;
const PREFIX = `#w${LINK_VERSION}=`;
/** What messengers and mail programs pass on whole. */
export const LINK_BYTES = 2048;
const MAX_HASH = 200_000;
const MAX_JSON = 4 * 2 ** 20;

const linkSchema = z.object({
  model: z.object({
    name: z.string().max(400),
    fingerprint: z.string().max(100),
    sample: z.string().max(100).optional(),
  }),
  choices: choicesSchema.omit({ training: true }),
  tab: z.string().max(40),
  layer: z.string().max(1000).nullable(),
});

export type SharedLink = z.infer<typeof linkSchema>;

export function linkHash(link: SharedLink): string {
  const bytes = deflateSync(new TextEncoder().encode(JSON.stringify(link)), { level: 9 });
  return (
    PREFIX +
    btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/=+$/, '')
  );
}

export function isShared(hash: string): boolean {
  return /^#w\d+=/.test(hash);
}

/** @throws RangefinderError 'unsupported-feature' for a link of a newer version, 'corrupt-file' for what is none */
export function readLink(hash: string): SharedLink {
  const version = Number(/^#w(\d+)=/.exec(hash)?.[1]);
  if (version > LINK_VERSION)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `This link was made by a newer Rangefinder: its version is ${version}, this page reads up to ${LINK_VERSION}.`,
      hint: 'Reload the page to get the newest Rangefinder, and open the link again.',
    });
  try {
    if (hash.length > MAX_HASH) throw new Error('too long');
    const packed = atob(hash.slice(PREFIX.length).replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = inflateSync(
      Uint8Array.from(packed, (c) => c.charCodeAt(0)),
      { out: new Uint8Array(MAX_JSON) },
    );
    return linkSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new RangefinderError(
      {
        code: 'corrupt-file',
        message: 'The link cannot be read.',
        hint: 'It was cut off or changed on its way; ask for it once more, or for a project file.',
      },
      { cause },
    );
  }
}
