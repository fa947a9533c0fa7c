/** Every model format Rangefinder reads. A new one is a reader and its row here; heavy readers are loaded when needed. */
import type { SourceFile } from '../data/types';
import type { Graph } from '../graph/graph';
import type { InputSizes } from './open-sizes';
import { hasBytes, isOnnx, startsAsJson } from './signatures';
import { isGraphModelText } from './tfjs/kind';

export interface ModelFormat {
  readonly id: string;
  /** For people. */
  readonly label: string;
  /** Whether this file is the one the model starts from; by content, never by name. */
  readonly sniff: (bytes: Uint8Array) => boolean;
  /** Whether files of these names are one model together, none of which is one by itself: the content of an archive. */
  readonly sniffTogether?: (paths: readonly string[]) => boolean;
  /** `files` are all that came along: those dropped, or for an archive its content, of which `main` may be the archive. */
  readonly read: (main: SourceFile, files: readonly SourceFile[], sizes: InputSizes) => Promise<Graph>;
}

export const MODEL_FORMATS: readonly ModelFormat[] = [
  {
    id: 'tflite',
    label: 'TensorFlow Lite (.tflite)',
    sniff: (bytes) => hasBytes(bytes, 'TFL3', 4),
    read: async (main, _files, sizes) => (await import('./tflite/read')).readTflite(main.bytes, main.path, sizes),
  },
  {
    id: 'keras',
    label: 'Keras (.keras)',
    sniff: () => false,
    sniffTogether: (paths) => {
      const names = paths.map((path) => path.slice(path.lastIndexOf('/') + 1));
      return names.includes('config.json') && names.includes('model.weights.h5');
    },
    read: async (main, files, sizes) => (await import('./keras/read-keras')).readKeras(main, files, sizes),
  },
  {
    id: 'keras-h5',
    label: 'Keras (.h5)',
    sniff: (bytes) => hasBytes(bytes, '\x89HDF\r\n\x1a\n'),
    read: async (main, _files, sizes) => (await import('./keras/read-h5')).readKerasH5(main.bytes, main.path, sizes),
  },
  {
    id: 'tfjs-graph',
    label: 'TensorFlow.js GraphModel (model.json and its weights)',
    sniff: (bytes) => startsAsJson(bytes) && isGraphModelText(new TextDecoder().decode(bytes)),
    read: async (_main, files, sizes) => (await import('./tfjs/read-graph-model')).readTfjsGraph(files, sizes),
  },
  {
    id: 'tfjs-layers',
    label: 'TensorFlow.js LayersModel (model.json and its weights)',
    sniff: (bytes) => startsAsJson(bytes) && new TextDecoder().decode(bytes).includes('"modelTopology"'),
    read: async (_main, files, sizes) => (await import('./tfjs/read-layers')).readTfjsLayers(files, sizes),
  },
  {
    id: 'onnx',
    label: 'ONNX (.onnx)',
    sniff: isOnnx,
    read: async (main, files, sizes) => (await import('./onnx/read')).readOnnx(main.bytes, main.path, sizes, files),
  },
];
