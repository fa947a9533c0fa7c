import type { PickedFile } from '../../../state/opening/files';

/**
 * The files of a drop, folders walked. Entries must be taken while the event is being handled; reading them may wait.
 */
export function readDrop(transfer: DataTransfer): Promise<PickedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return Promise.resolve(readFileList(transfer.files));
  return Promise.all(entries.map((entry) => walk(entry, ''))).then((lists) => lists.flat());
}

/** Of a picker; folders bring their paths along. */
export function readFileList(files: Iterable<File>): PickedFile[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, blob: file }));
}

async function walk(entry: FileSystemEntry, folder: string): Promise<PickedFile[]> {
  const path = folder + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, blob: file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: PickedFile[] = [];
  for (;;) {
    // A reader hands out at most 100 entries at a time, and none when it is done.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return found;
    for (const list of await Promise.all(batch.map((child) => walk(child, `${path}/`)))) found.push(...list);
  }
}
