import type { Graph } from './graph';

const EXTENSION = /\.(tflite|lite|h5|hdf5|keras|onnx|json|zip|pb)$/i;
/** Files that are called like this in every folder. */
const USUAL = /^(model|saved_model|model\.weights|config)$/i;

/** What people call a model: its file's name without the extension, or the model's own name where all files are called alike. */
export function modelName({ name, provenance }: Pick<Graph, 'name' | 'provenance'>): string {
  const base = provenance.fileName.split('/').pop()!.replace(EXTENSION, '');
  return base === '' || (USUAL.test(base) && name !== '') ? name || 'model' : base;
}
