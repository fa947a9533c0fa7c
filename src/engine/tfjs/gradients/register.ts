/** What tfjs' own training (tf.layers, tf.grads) needs and its wasm backend lacks, computes wrongly or slowly. */
// Loads tfjs' gradient definitions, too: the one place that does, in Node as in a bundle.
import '@tensorflow/tfjs-layers';
import {
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  getKernel,
  MaxPoolGrad,
  registerKernel,
  unregisterKernel,
  type KernelFunc,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { conv2dInputGradient } from './conv2d-input';
import { geometry, type ConvAttrs } from './convolve';
import { depthwiseInputGradient } from './depthwise-input';
import { conv2dFilterGradient, depthwiseFilterGradient, type Sliding } from './filter';
import { maxPoolGradient, type PoolAttrs } from './pool';

type Inputs = Record<string, Tensor>;
type FilterAttrs = ConvAttrs & { readonly filterShape: readonly number[] };
type InputAttrs = ConvAttrs & { readonly inputShape: readonly number[] };

const KERNELS: Readonly<Record<string, (inputs: Inputs, attrs: unknown) => Tensor>> = {
  [Conv2DBackpropFilter]({ x, dy }, attrs) {
    return conv2dFilterGradient(x, dy, sliding(x, attrs as FilterAttrs, false));
  },
  [Conv2DBackpropInput]({ dy, filter }, attrs) {
    return conv2dInputGradient(dy, filter, (attrs as InputAttrs).inputShape, attrs as InputAttrs);
  },
  [DepthwiseConv2dNativeBackpropFilter]({ x, dy }, attrs) {
    return depthwiseFilterGradient(x, dy, sliding(x, attrs as FilterAttrs, true));
  },
  [DepthwiseConv2dNativeBackpropInput]({ dy, filter }, attrs) {
    return depthwiseInputGradient(dy, filter, (attrs as InputAttrs).inputShape, attrs as InputAttrs);
  },
  [MaxPoolGrad]({ dy, input }, attrs) {
    return maxPoolGradient(dy, input, attrs as PoolAttrs);
  },
};

/** tfjs differentiates no dilated convolution. */
function sliding(x: Tensor, attrs: FilterAttrs, depthwise: boolean): Sliding {
  return { ...geometry(x.shape, attrs.filterShape, attrs, depthwise), dilations: [1, 1] };
}

/** Registers the gradient kernels for 'wasm', in place of tfjs' own where it has one. */
export function registerWasmGradients(): void {
  for (const [kernelName, run] of Object.entries(KERNELS)) {
    if (getKernel(kernelName, 'wasm')) unregisterKernel(kernelName, 'wasm');
    // The engine hands kernels whole tensors and takes one back, though its types promise less.
    const kernelFunc: KernelFunc = ({ inputs, attrs }) => run(inputs as unknown as Inputs, attrs);
    registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
  }
}
