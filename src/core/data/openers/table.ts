import { csvOpener } from './csv';
import { idxOpener } from './idx';
import { imageFolderOpener } from './image-folder';
import { jsonOpener } from './json';
import { npyOpener } from './npy';
import type { DataOpener } from './opener';
import { wavFolderOpener } from './wav-folder';

/** Data formats, told apart by content; text is last because it has no signature of its own. */
export const OPENERS: readonly DataOpener[] = [
  npyOpener,
  idxOpener,
  imageFolderOpener,
  wavFolderOpener,
  jsonOpener,
  csvOpener,
];
