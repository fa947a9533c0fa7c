import { cSource } from '../../../core/exports/c-source';
import type { Exported } from '../../../jobs/contract/protocol';

/** The file as an array to compile. Loaded when asked for: it reads the file, which the page has no other use for. */
export function cFile({ bytes, fileName }: Exported): { readonly name: string; readonly blob: Blob } {
  return {
    name: fileName.replace(/\.tflite$/, '') + '.cc',
    blob: new Blob([cSource(bytes, fileName)], { type: 'text/plain' }),
  };
}
