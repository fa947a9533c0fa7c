import { ACTIVATION_OPS } from './activations';
import { ARITHMETIC_OPS } from './arithmetic';
import { ATTENTION_OPS } from './attention';
import { CHOOSING_OPS } from './choosing';
import { CONTROL_OPS } from './control';
import { CONVOLUTION_OPS } from './convolution';
import { DENSE_OPS } from './dense';
import { EINSUM_OPS } from './einsum';
import { IMAGE_OPS } from './images';
import { LOGIC_OPS } from './logic';
import { NORMALIZATION_OPS } from './normalization';
import { POOLING_OPS } from './pooling';
import { QUANTIZATION_OPS } from './quantization';
import { RECURRENT_OPS } from './recurrent';
import { REDUCTION_OPS } from './reductions';
import type { OpRows } from './row';
import { SHAPING_OPS } from './shaping';
import { SLICING_OPS } from './slicing';
import { VALUE_OPS } from './values';

/** Operators of the default domain. A new one is a row in a file of this folder. */
export const ONNX_OPS: OpRows = {
  ...VALUE_OPS,
  ...CONVOLUTION_OPS,
  ...POOLING_OPS,
  ...DENSE_OPS,
  ...ACTIVATION_OPS,
  ...NORMALIZATION_OPS,
  ...ARITHMETIC_OPS,
  ...REDUCTION_OPS,
  ...SHAPING_OPS,
  ...SLICING_OPS,
  ...IMAGE_OPS,
  ...LOGIC_OPS,
  ...CHOOSING_OPS,
  ...ATTENTION_OPS,
  ...EINSUM_OPS,
  ...CONTROL_OPS,
  ...RECURRENT_OPS,
  ...QUANTIZATION_OPS,
};
