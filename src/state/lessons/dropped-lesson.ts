import { KIND } from '../../core/lessons/kind';
import type { PickedFile } from '../opening/files';
import { patch, type StudioStore } from '../store';

/** More than any lesson has. */
const MOST_BYTES = 1 << 20;

/** Hands a lesson that was dropped to whoever plays lessons; false for any other file. */
export async function takeLesson(store: StudioStore, { path, blob }: PickedFile): Promise<boolean> {
  if (!/\.json$/i.test(path) || blob.size > MOST_BYTES) return false;
  const text = await blob.text();
  if (!text.includes(`"${KIND}"`)) return false;
  patch(store, 'lessons', { arrived: { name: path, text } });
  return true;
}
