/** What becomes of each damaged, mislabelled or hostile fixture when it is opened: the command line and the page agree. */
import type { ErrorCode } from '../core/errors';

export interface BrokenFixture {
  /** Below `broken/`; a folder is opened with everything in it. */
  readonly path: string;
  /** The code it is refused with, and words of the message; or the number of layers it opens with. */
  readonly ends:
    { readonly code: ErrorCode; readonly says: RegExp } | { readonly layers: number; readonly note?: RegExp };
}

const empty = { code: 'corrupt-file', says: /is empty/ } as const;

export const BROKEN: readonly BrokenFixture[] = [
  { path: 'coral_model_invoking_error.tflite', ends: { layers: 1 } },
  { path: 'lfs_pointer_densenet-12.onnx', ends: { code: 'missing-file', says: /Git LFS pointer/ } },
  {
    path: 'tfjs_missing_shards_yolov2tiny',
    ends: { code: 'missing-file', says: /16 of 16 weight files .* are missing/ },
  },
  {
    path: 'derived/mnist_40bitflips.onnx',
    ends: { code: 'corrupt-file', says: /reads ".*", which nothing before it writes/ },
  },
  { path: 'derived/mnist_half.onnx', ends: { code: 'corrupt-file', says: /ModelProto.graph claims 26418 bytes/ } },
  {
    path: 'derived/mnist_opset999.onnx',
    ends: { code: 'unsupported-feature', says: /release 999 of the ONNX operator set/ },
  },
  { path: 'derived/mnist_empty.onnx', ends: empty },
  { path: 'derived/mnist_cnn_empty.keras', ends: empty },
  {
    path: 'derived/mnist_cnn_first16bytes.keras',
    ends: { code: 'corrupt-file', says: /archive has no directory/ },
  },
  { path: 'derived/resnet_empty.h5', ends: empty },
  { path: 'derived/resnet_first16bytes.h5', ends: { code: 'corrupt-file', says: /ends within its header/ } },
  { path: 'derived/resnet_half.h5', ends: { code: 'corrupt-file', says: /truncated: 558356 of 1116712 bytes/ } },
  { path: 'derived/resnet_empty.tflite', ends: empty },
  { path: 'derived/resnet_first16bytes.tflite', ends: { code: 'corrupt-file', says: /points outside the file/ } },
  { path: 'derived/resnet_zeros_middle.tflite', ends: { code: 'corrupt-file', says: /impossible vtable/ } },
  {
    path: 'derived/resnet_wrong_identifier.tflite',
    ends: { code: 'corrupt-file', says: /lacks the identifier "TFL3"/ },
  },
  // Flipped bits in the weights alone: a model like any other, of other numbers.
  { path: 'derived/resnet_40bitflips.tflite', ends: { layers: 16 } },
  { path: 'derived/resnet_all_zero_weights.tflite', ends: { layers: 16 } },
  { path: 'derived/resnet_inf_weights.tflite', ends: { layers: 16, note: /NaN or infinity among the weights/ } },
  // The name lies, the content counts.
  { path: 'derived/tflite_named.onnx', ends: { layers: 16 } },
  { path: 'derived/tfjs_shard_extra', ends: { layers: 9, note: /64 bytes after the last weight/ } },
];

/** The most a broken file may take to be told apart, ms. */
export const BROKEN_LIMIT = 2000;
