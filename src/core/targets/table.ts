/** Where a file can run: one row a target. */
import {
  CMSIS_NN,
  EDGE_TPU,
  ESP_DL,
  ESP_NN,
  HEXAGON_V68,
  HEXAGON_V73,
  NNAPI,
  STM32MP2,
  STM32N6,
} from './limits/vendors';
import { NO_LOOKUP_TABLES } from './limits/compression';
import { ETHOS_U55, ETHOS_U85 } from './limits/ethos-u';
import { LITERT, LITERT_JS } from './limits/litert';
import { MEMORY } from './limits/memory';
import { TFLM } from './limits/tflm';
import type { Target } from './target';

const TFLITE = ['int8', 'int16x8', 'dynamic-range', 'weight-only-int8', 'weight-only-int4', 'float16'];
const MICRO = ['int8', 'int16x8', 'tflm-lut', 'c-project'];
const NPU = ['int8', 'int16x8'];

type Row = Omit<Target, 'fileConstraints'>;

const row = (target: Row): Target => ({
  ...target,
  fileConstraints: target.forms.includes('tflm-lut') ? MEMORY : [NO_LOOKUP_TABLES, ...MEMORY],
});

export const TARGETS: readonly Target[] = (
  [
    {
      id: 'litert',
      title: 'LiteRT on a CPU (XNNPACK)',
      runtime: 'litert-xnnpack',
      forms: TFLITE,
      otherwise: 'refused',
      constraints: LITERT,
      source: 'LiteRT',
    },
    {
      id: 'litert-js',
      title: 'LiteRT.js in a browser',
      runtime: 'litert-xnnpack',
      forms: TFLITE,
      otherwise: 'refused',
      constraints: LITERT_JS,
      source: 'LiteRT.js 2.5.3',
    },
    {
      id: 'tflm',
      title: 'TensorFlow Lite Micro',
      runtime: 'tflm',
      forms: MICRO,
      otherwise: 'refused',
      constraints: TFLM,
      source: 'tflite-micro',
    },
    {
      id: 'cmsis-nn',
      title: 'Cortex-M with CMSIS-NN',
      runtime: 'tflm',
      forms: MICRO,
      otherwise: 'refused',
      constraints: [...TFLM, ...CMSIS_NN],
      source: 'CMSIS-NN',
    },
    {
      id: 'esp-nn',
      title: 'ESP32 with ESP-NN',
      runtime: 'tflm',
      forms: MICRO,
      otherwise: 'refused',
      constraints: [...TFLM, ...ESP_NN],
      source: 'esp-nn',
    },
    {
      id: 'esp-dl',
      title: 'ESP32 with ESP-DL',
      runtime: 'vendor',
      forms: ['int8'],
      otherwise: 'refused',
      constraints: ESP_DL,
      source: 'esp-dl',
    },
    {
      id: 'ethos-u55',
      title: 'Arm Ethos-U55',
      runtime: 'tflm',
      forms: NPU,
      otherwise: 'runs on the CPU',
      constraints: ETHOS_U55,
      source: 'Vela 5.2.0',
    },
    {
      id: 'ethos-u65',
      title: 'Arm Ethos-U65',
      runtime: 'tflm',
      forms: NPU,
      otherwise: 'runs on the CPU',
      constraints: ETHOS_U55,
      source: 'Vela 5.2.0',
    },
    {
      id: 'ethos-u85',
      title: 'Arm Ethos-U85',
      runtime: 'tflm',
      forms: NPU,
      otherwise: 'runs on the CPU',
      constraints: ETHOS_U85,
      source: 'Vela 5.2.0',
    },
    {
      id: 'edge-tpu',
      title: 'Coral Edge TPU',
      runtime: 'vendor',
      forms: ['int8'],
      otherwise: 'runs on the CPU',
      constraints: EDGE_TPU,
      source: 'Coral documentation',
    },
    {
      id: 'hexagon-v68',
      title: 'Qualcomm Hexagon HTP v68',
      runtime: 'vendor',
      forms: NPU,
      otherwise: 'refused',
      constraints: HEXAGON_V68,
      source: 'AIMET',
    },
    {
      id: 'hexagon-v73',
      title: 'Qualcomm Hexagon HTP v73 and newer',
      runtime: 'vendor',
      forms: NPU,
      otherwise: 'refused',
      constraints: HEXAGON_V73,
      source: 'AIMET',
    },
    {
      id: 'nnapi',
      title: 'NNAPI (legacy)',
      runtime: 'vendor',
      forms: ['int8'],
      otherwise: 'runs on the CPU',
      constraints: NNAPI,
      source: 'LiteRT, NNAPI delegate',
    },
    {
      id: 'stm32n6',
      title: 'STM32N6',
      runtime: 'vendor',
      forms: ['int8'],
      otherwise: 'runs on the CPU',
      constraints: STM32N6,
      source: 'ST Edge AI Core',
    },
    {
      id: 'stm32mp2',
      title: 'STM32MP2',
      runtime: 'vendor',
      forms: ['int8'],
      otherwise: 'runs on the CPU',
      constraints: STM32MP2,
      source: 'ST',
    },
  ] satisfies readonly Row[]
).map(row);

export function targetOf(id: string): Target | undefined {
  return TARGETS.find((target) => target.id === id);
}
