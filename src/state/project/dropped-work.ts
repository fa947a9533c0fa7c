/** Recognizes files that hold work instead of a model or data: projects, reports, and settings by themselves. */
import type { Project } from '../../core/project/archive';
import type { QuantSettings } from '../../core/quantize/settings';
import { RangefinderError } from '../../base/errors';
import { HEAD_BYTES } from '../opening/classify';
import type { PickedFile } from '../opening/files';

export type DroppedWork =
  | { readonly kind: 'project'; readonly project: Project }
  | { readonly kind: 'settings'; readonly settings: QuantSettings };

/** Reports of a thousand layers have some megabytes. */
const MAX_TEXT = 128 * 2 ** 20;
/** The first entry of a project's zip begins at byte 30 with its name. */
const PROJECT_ENTRY = 'rangefinder.json';
/** What a report in HTML carries the work in. */
const EMBEDDED = /<script type="application\/json" id="rangefinder-project">([\s\S]*?)<\/script>/;

/**
 * null for a file of any other kind.
 * @throws RangefinderError for a file that says it is one of these and cannot be read
 */
export async function readWork({ path, blob }: PickedFile): Promise<DroppedWork | null> {
  const head = new TextDecoder('latin1').decode(await blob.slice(0, HEAD_BYTES).arrayBuffer());
  if (head.startsWith('PK') && head.startsWith(PROJECT_ENTRY, 30)) {
    const { readProject } = await import('../../core/project/archive');
    return { kind: 'project', project: readProject(new Uint8Array(await blob.arrayBuffer()), path) };
  }
  if (blob.size > MAX_TEXT) return null;
  if (/^\s*<!doctype html/i.test(head) && head.includes('name="generator" content="Rangefinder')) {
    const [, embedded] = EMBEDDED.exec(await blob.text()) ?? [];
    return embedded === undefined ? null : inJson(parsed(embedded, path), path);
  }
  if (/^\s*\{/.test(head) && /"(generator|kind|granularity)"/.test(head))
    return inJson(parsed(await blob.text(), path), path);
  return null;
}

async function inJson(value: unknown, path: string): Promise<DroppedWork | null> {
  if (typeof value !== 'object' || value === null) return null;
  if ('kind' in value && value.kind === 'rangefinder-project') {
    const { readManifest } = await import('../../core/project/manifest');
    return { kind: 'project', project: { manifest: readManifest(value, path), model: [], data: [], trained: [] } };
  }
  const isReport = 'generator' in value && value.generator === 'Rangefinder' && 'settings' in value;
  const isRecipe = 'version' in value && 'weights' in value && 'activations' in value && 'tensors' in value;
  if (!isReport && !isRecipe) return null;
  const { settingsSchema } = await import('../../core/quantize/settings-schema');
  const settings = settingsSchema.safeParse(isReport ? value.settings : value);
  if (settings.success) return { kind: 'settings', settings: settings.data };
  const [issue] = settings.error.issues;
  throw new RangefinderError({
    code: 'invalid-settings',
    message: `The settings in it cannot be used: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
    where: path,
    hint: 'They may be of a newer Rangefinder, or were changed by hand.',
  });
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RangefinderError(
      { code: 'corrupt-file', message: 'The JSON in it is cut off or damaged.', where: path, hint: 'Save it again.' },
      { cause },
    );
  }
}
