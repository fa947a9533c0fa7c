/** Small networks as exporters write them, channels first, with repeatable weights. */
import { IMAGE_NETWORKS } from './onnx-networks/images';
import { OTHER_NETWORKS } from './onnx-networks/others';
import { SEQUENCE_NETWORKS } from './onnx-networks/sequences';
import type { Networks } from './onnx-networks/weights';

export const NETWORKS: Networks = { ...IMAGE_NETWORKS, ...OTHER_NETWORKS, ...SEQUENCE_NETWORKS };
