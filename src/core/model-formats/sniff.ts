/**
 * Content that is not a model Rangefinder reads, recognised so that the refusal can say what it is and what to do. Rows
 * are tried in order; the first that knows a file wins.
 */
import type { ErrorCode } from '../../base/errors';
import { hasBytes, protobufFields, startsAsJson, textHead } from './signatures';

export interface ForeignFormat {
  /** Completes "… is ". */
  readonly label: string;
  readonly sniff: (bytes: Uint8Array, path: string) => boolean;
  readonly hint: string;
  /** 'unknown-format' where left out. */
  readonly code?: ErrorCode;
  /** Samples rather than a model. */
  readonly isData?: true;
}

const EXPORT_PYTORCH = 'Export the model from PyTorch to ONNX (torch.onnx.export), or to .tflite with ai-edge-torch.';
const FROM_ITS_SOURCE = 'Start from the model it was converted from, as .onnx, .keras, .h5 or .tflite.';
const CONVERT_SAVED_MODEL =
  'Convert it with tf.lite.TFLiteConverter.from_saved_model, without quantization, or save the Keras model as .keras.';
const AS_DATA = 'Open a model first; then drop this as its data.';

export const FOREIGN_FORMATS: readonly ForeignFormat[] = [
  {
    label: 'empty',
    sniff: (bytes) => bytes.length === 0,
    hint: 'Download or export the file again.',
    code: 'corrupt-file',
  },
  {
    label: 'a Git LFS pointer, not the file itself',
    sniff: (bytes) => hasBytes(bytes, 'version https://git-lfs'),
    hint: 'Run "git lfs pull" where you cloned it, or download the file from the web page of the repository.',
    code: 'missing-file',
  },
  {
    label: 'a web page',
    sniff: (bytes) => /^(<!doctype html|<html|<!--|<head|<body)/.test(textHead(bytes)),
    hint: 'The download gave a page instead of the file: use the link to the raw file.',
  },
  {
    label: 'a Core ML model',
    sniff: (bytes) => {
      const fields = protobufFields(bytes);
      return fields?.get(1) === 0 && highest(fields) >= 200;
    },
    hint: FROM_ITS_SOURCE,
  },
  {
    label: 'a TensorFlow SavedModel',
    sniff: (bytes) => {
      const fields = protobufFields(bytes);
      return fields?.get(1) === 0 && fields.get(2) === 2 && highest(fields) === 2;
    },
    hint: CONVERT_SAVED_MODEL,
  },
  {
    label: 'a frozen TensorFlow graph',
    sniff: (bytes, path) => path.endsWith('.pb') && protobufFields(bytes)?.get(1) === 2,
    hint: 'Convert it to ONNX with tf2onnx (--graphdef), or with tf.compat.v1.lite.TFLiteConverter.from_frozen_graph.',
  },
  {
    label: 'a pickled PyTorch file',
    sniff: (bytes) => bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5,
    hint: EXPORT_PYTORCH,
  },
  {
    label: 'a safetensors file: weights without an architecture',
    sniff: (bytes) =>
      hasBytes(bytes, '{"', 8) && bytes.length > 8 && headerLength(bytes) <= bytes.length && bytes[6] === 0,
    hint: 'Load them into the model they belong to, and export that to ONNX (torch.onnx.export) or save it as .keras.',
  },
  {
    label: 'an ExecuTorch program',
    sniff: (bytes) => /^ET\d\d$/.test(String.fromCharCode(...bytes.subarray(4, 8))),
    hint: EXPORT_PYTORCH,
  },
  {
    label: 'an ONNX Runtime model (.ort)',
    sniff: (bytes) => hasBytes(bytes, 'ORTM', 4),
    hint: 'Start from the .onnx file it was made from.',
  },
  {
    label: 'an NCNN description',
    sniff: (bytes) => /^7767517\s/.test(textHead(bytes, 64)),
    hint: FROM_ITS_SOURCE,
  },
  {
    label: 'a GGUF language model',
    sniff: (bytes) => hasBytes(bytes, 'GGUF'),
    hint: 'Rangefinder quantizes .tflite, ONNX, Keras and TensorFlow.js models.',
  },
  {
    label: 'an OpenVINO description (XML)',
    sniff: (bytes) => textHead(bytes).startsWith('<?xml') && /<net\b/.test(textHead(bytes)),
    hint: FROM_ITS_SOURCE,
  },
  {
    label: 'a Keras architecture without weights',
    sniff: (bytes) => startsAsJson(bytes) && textHead(bytes).includes('"class_name"'),
    hint: 'Save the whole model with model.save("model.keras").',
    code: 'missing-file',
  },
  { label: 'a NumPy array', sniff: (bytes) => hasBytes(bytes, '\x93NUMPY'), hint: AS_DATA, isData: true },
  {
    label: 'an image',
    sniff: (bytes) => hasBytes(bytes, '\xff\xd8\xff') || hasBytes(bytes, '\x89PNG'),
    hint: AS_DATA,
    isData: true,
  },
  {
    label: 'compressed with gzip',
    sniff: (bytes) => hasBytes(bytes, '\x1f\x8b\x08'),
    hint: 'Unpack it first; zip archives are read as they are.',
  },
  {
    label: 'a 7z, RAR or tar archive',
    sniff: (bytes) => hasBytes(bytes, '7z\xbc\xaf') || hasBytes(bytes, 'Rar!') || hasBytes(bytes, 'ustar', 257),
    hint: 'Unpack it first; zip archives are read as they are.',
  },
  {
    label: 'a weight file of a TensorFlow.js model',
    sniff: (_bytes, path) => /group\d+-shard\d+of\d+(\.bin)?$|(^|\/)(\w*\.)?weights\.bin$/.test(path),
    hint: 'Drop it together with its model.json and all other shards.',
    code: 'missing-file',
  },
  {
    label: 'named .tflite, but lacks the identifier "TFL3" of TensorFlow Lite',
    sniff: (_bytes, path) => path.endsWith('.tflite'),
    hint: 'Download or export the file again.',
    code: 'corrupt-file',
  },
  {
    label: 'named as HDF5, but lacks its signature',
    sniff: (_bytes, path) => /\.(h5|hdf5)$/.test(path),
    hint: 'Download or save the file again.',
    code: 'corrupt-file',
  },
];

interface ForeignArchive {
  /** Completes "… is ". */
  readonly label: string;
  readonly sniff: (paths: readonly string[]) => boolean;
  readonly hint: string;
}

/** The same for zip archives, told by the names in them. */
export const FOREIGN_ARCHIVES: readonly ForeignArchive[] = [
  {
    label: 'a PyTorch file',
    sniff: (paths) =>
      paths.some((path) =>
        /(^|\/)(data\.pkl|constants\.pkl|serialized_exported_program\.json|archive_format)$/.test(path),
      ),
    hint: EXPORT_PYTORCH,
  },
  {
    label: 'a Core ML package',
    sniff: (paths) => paths.some((path) => /\.mlmodel$|\.mlpackage\/|^Data\/com\.apple\.CoreML\//.test(path)),
    hint: FROM_ITS_SOURCE,
  },
  {
    label: 'a TensorFlow SavedModel',
    sniff: (paths) => paths.some((path) => /(^|\/)saved_model\.pb$/.test(path)),
    hint: CONVERT_SAVED_MODEL,
  },
  {
    label: 'a set of NumPy arrays',
    sniff: (paths) => paths.length > 0 && paths.every((path) => path.endsWith('.npy')),
    hint: AS_DATA,
  },
];

const most = (paths: readonly string[], pattern: RegExp) =>
  paths.length > 0 && paths.filter((path) => pattern.test(path)).length > paths.length / 2;

/** Archives in which no model was found. */
export const ARCHIVES_OF_OTHER_THINGS: readonly ForeignArchive[] = [
  {
    label: 'an Office document',
    sniff: (paths) => paths.includes('[Content_Types].xml') || paths.includes('META-INF/manifest.xml'),
    hint: 'Drop the file of the model itself.',
  },
  {
    label: 'an app without a model in it',
    sniff: (paths) =>
      paths.some((path) => /(^|\/)(AndroidManifest\.xml|META-INF\/MANIFEST\.MF|Info\.plist)$/.test(path)),
    hint: 'Drop the file of the model itself.',
  },
  {
    label: 'an archive of images',
    sniff: (paths) => most(paths, /\.(jpe?g|png|webp|gif|bmp)$/i),
    hint: AS_DATA,
  },
  {
    label: 'an archive of tables',
    sniff: (paths) => most(paths, /\.(csv|tsv|txt|idx|gz)$/i),
    hint: AS_DATA,
  },
  {
    label: 'an archive without a model in it',
    sniff: () => true,
    hint: 'Rangefinder reads .tflite, ONNX, Keras (.keras, .h5) and TensorFlow.js models (model.json with its weights).',
  },
];

function highest(fields: ReadonlyMap<number, number>): number {
  return Math.max(...fields.keys());
}

function headerLength(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}
