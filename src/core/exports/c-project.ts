/**
 * A model as a C++ project for TensorFlow Lite for Microcontrollers: the array, the operators it needs, the memory it
 * takes, inputs with the outputs they lead to, a test of itself, and what Arduino, ESP-IDF and Zephyr want around it.
 */
import { zipSync } from 'fflate';
import { planArena } from '../cost/arena';
import { elementCount, tensorOf, type DType, type Graph, type TensorId } from '../graph/graph';
import { readTflite } from '../model-formats/tflite/read';
import { Decoder } from '../model-formats/tflite/schema/decode';
import { builtinName } from '../model-formats/tflite/schema/enums';
import { cSource } from './c-source';
import { resolverMethod } from './micro-operators';

/** The bytes that go into a file's inputs and come out of its outputs for one sample. */
export interface GoldenVector {
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

/** What the interpreter keeps beside activations: some for itself, and some for each tensor and operator. */
const INTERPRETER_BYTES = 8 * 1024;
const BYTES_A_NODE = 640;

/**
 * Runtimes round apart by some steps: golden outputs are LiteRT's, which rounds in float32 where microcontrollers round in
 * integers. So far from them an output still counts as the same.
 */
const TOLERANCE = 16;

const TYPES: Readonly<Partial<Record<DType, { readonly c: string; readonly bytes: number }>>> = {
  int8: { c: 'int8_t', bytes: 1 },
  uint8: { c: 'uint8_t', bytes: 1 },
  int16: { c: 'int16_t', bytes: 2 },
  float32: { c: 'float', bytes: 4 },
  int32: { c: 'int32_t', bytes: 4 },
};

function operatorsOf(bytes: Uint8Array): string[] {
  const codes = new Decoder(bytes, 'model.tflite').root('Model').operatorCodes ?? [];
  const names = codes.map(({ builtinCode, deprecatedBuiltinCode }) =>
    builtinName(Math.max(builtinCode, deprecatedBuiltinCode)),
  );
  return [...new Set(names)];
}

/** Operators of a .tflite without a kernel on microcontrollers. */
export function missingOnMicrocontrollers(bytes: Uint8Array): string[] {
  return operatorsOf(bytes).filter((name) => resolverMethod(name) === undefined);
}

function arenaBytes(graph: Graph): number {
  const bytesOf = (id: TensorId) => {
    const { dtype, shape } = tensorOf(graph, id);
    return elementCount(shape) * (TYPES[dtype]?.bytes ?? 4);
  };
  const needed = planArena(graph, bytesOf).bytes + INTERPRETER_BYTES + BYTES_A_NODE * graph.ops.length;
  return Math.ceil(needed / 1024) * 1024;
}

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(', ');

function header(graph: Graph, bytes: Uint8Array): string {
  const operators = operatorsOf(bytes);
  return `#pragma once
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

// The model's bytes are in model.cc.
extern const unsigned char model_tflite[];
extern const unsigned int model_tflite_len;

// Activations, the interpreter's own structures and some reserve; interpreter.arena_used_bytes() says what is used.
constexpr int kArenaBytes = ${arenaBytes(graph)};

using ModelResolver = tflite::MicroMutableOpResolver<${operators.length}>;

// Registers the operators that the model has, and no others, so that the linker leaves the rest out.
inline TfLiteStatus RegisterOperators(ModelResolver& resolver) {
${operators.map((name) => `  TF_LITE_ENSURE_STATUS(resolver.${resolverMethod(name)}());`).join('\n')}
  return kTfLiteOk;
}
`;
}

function goldens(vectors: readonly GoldenVector[]): string {
  const arrays = vectors.flatMap(({ inputs, outputs }, v) => [
    ...inputs.map((bytes, i) => `alignas(16) const unsigned char kInput${v}_${i}[] = {${hex(bytes)}};`),
    ...outputs.map((bytes, i) => `alignas(16) const unsigned char kOutput${v}_${i}[] = {${hex(bytes)}};`),
  ]);
  const list = (kind: string, v: number, count: number) =>
    `{${Array.from({ length: count }, (_, i) => `k${kind}${v}_${i}`).join(', ')}}`;
  const rows = vectors.map(
    ({ inputs, outputs }, v) => `  {${list('Input', v, inputs.length)}, ${list('Output', v, outputs.length)}},`,
  );
  const [first] = vectors;
  return `#pragma once
// Samples of the evaluation data as the model takes them, and the outputs that LiteRT gives for them.
${arrays.join('\n')}

struct GoldenVector {
  const unsigned char* inputs[${first?.inputs.length ?? 1}];
  const unsigned char* outputs[${first?.outputs.length ?? 1}];
};

constexpr int kGoldenVectors = ${vectors.length};
const GoldenVector kGoldens[kGoldenVectors] = {
${rows.join('\n')}
};
`;
}

function selftest(graph: Graph): string {
  const checks = graph.outputs.map((id, i) => {
    const { dtype } = tensorOf(graph, id);
    const type = TYPES[dtype]?.c ?? 'float';
    const tolerance = dtype === 'float32' ? '0.06f' : String(dtype === 'int16' ? 256 * TOLERANCE : TOLERANCE);
    return `    if (!Close<${type}>(interpreter, ${i}, golden.outputs[${i}], ${tolerance})) return false;`;
  });
  return `#include "selftest.h"

#include <cstdint>
#include <cstring>

#include "goldens.h"
#include "model.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace {

alignas(16) uint8_t arena[kArenaBytes];

// Golden outputs are those of LiteRT on a computer, which rounds a little differently.
template <typename T>
bool Close(tflite::MicroInterpreter& interpreter, int index, const unsigned char* expected, float tolerance) {
  const TfLiteTensor* tensor = interpreter.output(index);
  const T* actual = reinterpret_cast<const T*>(tensor->data.data);
  for (size_t i = 0; i < tensor->bytes / sizeof(T); ++i) {
    T value;
    std::memcpy(&value, expected + i * sizeof(T), sizeof(T));
    const float difference = static_cast<float>(actual[i]) - static_cast<float>(value);
    if (difference > tolerance || difference < -tolerance) return false;
  }
  return true;
}

}  // namespace

bool selftest() {
  const tflite::Model* model = tflite::GetModel(model_tflite);
  static ModelResolver resolver;
  if (RegisterOperators(resolver) != kTfLiteOk) return false;
  static tflite::MicroInterpreter interpreter(model, resolver, arena, kArenaBytes);
  if (interpreter.AllocateTensors() != kTfLiteOk) return false;
  for (const GoldenVector& golden : kGoldens) {
    for (size_t i = 0; i < interpreter.inputs_size(); ++i)
      std::memcpy(interpreter.input(i)->data.data, golden.inputs[i], interpreter.input(i)->bytes);
    if (interpreter.Invoke() != kTfLiteOk) return false;
${checks.join('\n')}
  }
  return true;
}
`;
}

const SELFTEST_HEADER = `#pragma once

// Runs the model on its golden vectors; true where every output is as it should be.
bool selftest();
`;

const README = (name: string) => `# ${name.replace(/[^\x20-\x7e]/g, '_')} on a microcontroller

src/ holds the model (model.cc), the operators and memory it needs (model.h), samples with their outputs (goldens.h) and
selftest(), which runs them. It needs TensorFlow Lite for Microcontrollers: the library Arduino_TensorFlowLite, the
component espressif/esp-tflite-micro, or Zephyr's module tflite-micro.

- Arduino: open this folder as a sketch. The serial monitor says whether the self-test passed.
- ESP-IDF: idf.py add-dependency espressif/esp-tflite-micro, then idf.py build flash monitor.
- Zephyr: west build -b BOARD.

Golden outputs come from LiteRT on a computer. Microcontrollers round in integers, LiteRT in float32, so outputs may differ
by a few steps: selftest() accepts ${TOLERANCE} of 8-bit outputs.
`;

const ARDUINO = `#include "src/selftest.h"

void setup() {
  Serial.begin(115200);
  while (!Serial) {
  }
  Serial.println(selftest() ? "self-test passed" : "self-test FAILED");
}

void loop() {}
`;

const MAIN = (entry: string, returns: boolean) => `#include <cstdio>

#include "${returns ? '../../src' : '../src'}/selftest.h"

extern "C" ${entry} {
  std::printf("%s\\n", selftest() ? "self-test passed" : "self-test FAILED");${returns ? '\n  return 0;' : ''}
}
`;

const FILES: Readonly<Record<string, string>> = {
  'CMakeLists.txt': `cmake_minimum_required(VERSION 3.16)
include($ENV{IDF_PATH}/tools/cmake/project.cmake)
project(model)
`,
  'main/CMakeLists.txt': `idf_component_register(SRCS main.cc ../src/model.cc ../src/selftest.cc INCLUDE_DIRS ../src)
`,
  'main/idf_component.yml': `dependencies:
  espressif/esp-tflite-micro: "*"
`,
  'main/main.cc': MAIN('void app_main(void)', false),
  'zephyr/CMakeLists.txt': `cmake_minimum_required(VERSION 3.20)
find_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})
project(model)
target_sources(app PRIVATE src/main.cc ../src/model.cc ../src/selftest.cc)
target_include_directories(app PRIVATE ../src)
`,
  'zephyr/prj.conf': `CONFIG_CPP=y
CONFIG_STD_CPP17=y
CONFIG_TENSORFLOW_LITE_MICRO=y
CONFIG_MAIN_STACK_SIZE=4096
`,
  'zephyr/src/main.cc': MAIN('int main(void)', true),
};

/** @param bytes of the .tflite; @param vectors at least one */
export function cProject(bytes: Uint8Array, name: string, vectors: readonly GoldenVector[]): Uint8Array<ArrayBuffer> {
  const graph = readTflite(bytes, 'model.tflite');
  const folder = 'model/';
  const texts: Record<string, string> = {
    'README.md': README(name),
    'model.ino': ARDUINO,
    'src/model.cc': cSource(bytes, 'model.tflite'),
    'src/model.h': header(graph, bytes),
    'src/goldens.h': goldens(vectors),
    'src/selftest.h': SELFTEST_HEADER,
    'src/selftest.cc': selftest(graph),
    ...FILES,
  };
  const encoder = new TextEncoder();
  const entries = Object.entries(texts).map(([path, text]) => [`${folder}${path}`, encoder.encode(text)] as const);
  return zipSync(Object.fromEntries(entries)).slice();
}
