import { describe, expect, it } from 'vitest';
import { haveFixtures } from '../../../../testing/fixtures';
import { readGolden, readKerasArchive, expectGolden } from '../../../../testing/keras-goldens';
import { toErrorInfo } from '../../../errors';

/** One small model per idea, saved and run by Keras 3.15. */
const MODELLED = [
  'act_elu',
  'act_hard_sigmoid',
  'act_hard_silu',
  'act_leaky_relu',
  'act_relu',
  'act_relu6',
  'act_selu',
  'act_sigmoid',
  'act_silu',
  'act_softmax',
  'act_tanh',
  'avgpool_same',
  'conv1d',
  'conv1d_causal_dilated',
  'conv2d_dilated',
  'conv2d_groups',
  'conv2d_nobias_bn_relu',
  'conv2d_transpose',
  'conv2d_valid_stride2',
  'depthwise_multiplier2',
  'globalavg_keepdims',
  'globalmax',
  'inception',
  'leaky_prelu_elu',
  'maxpool_same',
  'mobilenetv3_block',
  'nested',
  'permute_repeat_reshape',
  'rescaling_norm',
  'resizing',
  'separable',
  'shared',
  'skip_concat',
  'two_in_two_out',
  'unet',
  'upsample_bilinear',
  'upsample_nearest',
  'zeropad_crop',
];

const REFUSED: readonly (readonly [string, readonly string[]])[] = [
  ['act_gelu', ['activation_5 (Activation): activation "gelu"']],
  ['multi_activation', ['re_lu_2 (ReLU): ReLU with a threshold']],
  ['dot_mul_max_avg_sub', ['dot (Dot): no such layer is modelled']],
  ['bilstm', ['bidirectional (Bidirectional): no such layer is modelled']],
];

describe.skipIf(!haveFixtures)('layer translators against Keras 3.15', () => {
  it.each(MODELLED)('%s', async (name) => {
    await expectGolden(
      await readKerasArchive(`conformance/keras3/${name}.keras`),
      readGolden(`conformance/keras3/${name}.npz`),
      1e-5,
    );
  });

  it.each(REFUSED)('%s is refused by name', async (name, details) => {
    const error = await readKerasArchive(`conformance/keras3/${name}.keras`).catch(toErrorInfo);
    expect(error).toMatchObject({ code: 'unsupported-op', details });
  });
});
