import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { committedArchive } from '../../testing/fixtures/golden-archives';
import { cProject, missingOnMicrocontrollers } from './c-project';

const MODEL = committedArchive('quantized-models.zip').get('tf_int8.tflite')!;
const haveCompiler = spawnSync('g++', ['--version']).status === 0;

/**
 * A stand-in for TensorFlow Lite for Microcontrollers, which is no package here: the declarations that the project uses,
 * and an interpreter that answers with what a test hands it instead of computing.
 */
const STUBS: Readonly<Record<string, string>> = {
  'tensorflow/lite/micro/micro_mutable_op_resolver.h': `#pragma once
#include <cstddef>
enum TfLiteStatus { kTfLiteOk, kTfLiteError };
#define TF_LITE_ENSURE_STATUS(a) do { if ((a) != kTfLiteOk) return kTfLiteError; } while (0)
namespace tflite {
template <unsigned int n> struct MicroMutableOpResolver {
  unsigned int used = 0;
  TfLiteStatus Add() { return used++ < n ? kTfLiteOk : kTfLiteError; }
  TfLiteStatus AddConv2D() { return Add(); }
  TfLiteStatus AddDepthwiseConv2D() { return Add(); }
  TfLiteStatus AddAdd() { return Add(); }
  TfLiteStatus AddMaxPool2D() { return Add(); }
  TfLiteStatus AddMean() { return Add(); }
  TfLiteStatus AddFullyConnected() { return Add(); }
};
}
`,
  'tensorflow/lite/schema/schema_generated.h': `#pragma once
namespace tflite {
struct Model {};
inline const Model* GetModel(const void* bytes) { return static_cast<const Model*>(bytes); }
}
`,
  'tensorflow/lite/micro/micro_interpreter.h': `#pragma once
#include <cstdint>
#include <cstring>
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/schema/schema_generated.h"
union TfLitePtrUnion { void* data; };
struct TfLiteTensor { TfLitePtrUnion data; size_t bytes; };
extern const unsigned char* stub_answers[];
extern int stub_offset;
namespace tflite {
class MicroInterpreter {
 public:
  template <typename R> MicroInterpreter(const Model*, const R&, uint8_t*, size_t) {}
  TfLiteStatus AllocateTensors() { return kTfLiteOk; }
  size_t inputs_size() const { return 1; }
  TfLiteTensor* input(size_t) { return &input_; }
  TfLiteTensor* output(size_t) { return &output_; }
  TfLiteStatus Invoke() {
    std::memcpy(out_, stub_answers[run_++], sizeof(out_));
    out_[0] = static_cast<int8_t>(out_[0] + stub_offset);
    return kTfLiteOk;
  }
 private:
  int run_ = 0;
  int8_t in_[256];
  int8_t out_[5];
  TfLiteTensor input_{{in_}, sizeof(in_)};
  TfLiteTensor output_{{out_}, sizeof(out_)};
};
}
`,
  'main.cc': `#include <cstdlib>
#include "goldens.h"
#include "selftest.h"
const unsigned char* stub_answers[kGoldenVectors];
int stub_offset;
int main(int, char** words) {
  for (int i = 0; i < kGoldenVectors; ++i) stub_answers[i] = kGoldens[i].outputs[0];
  stub_offset = std::atoi(words[1]);
  return selftest() ? 0 : 1;
}
`,
};

describe('the C++ project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'c-project-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const vector = (seed: number) => ({
    inputs: [Uint8Array.from({ length: 256 }, (_, i) => i + seed)],
    outputs: [Uint8Array.from({ length: 5 }, (_, i) => 40 + 3 * i + seed)],
  });
  const files = unzipSync(cProject(MODEL, 'a model', [vector(0), vector(1)]));
  const text = (path: string) => new TextDecoder().decode(files[`model/${path}`]);

  it('registers the operators of the model and no others', () => {
    const methods = [...text('src/model.h').matchAll(/resolver\.(Add\w+)\(\)/g)].map(([, method]) => method);
    expect(methods.sort()).toEqual(
      ['AddAdd', 'AddConv2D', 'AddDepthwiseConv2D', 'AddFullyConnected', 'AddMaxPool2D', 'AddMean'].sort(),
    );
    expect(text('src/model.h')).toContain('MicroMutableOpResolver<6>');
    expect(missingOnMicrocontrollers(MODEL)).toEqual([]);
  });

  it('has what Arduino, ESP-IDF and Zephyr build', () => {
    for (const path of [
      'model.ino',
      'CMakeLists.txt',
      'main/CMakeLists.txt',
      'zephyr/CMakeLists.txt',
      'zephyr/prj.conf',
    ])
      expect(files[`model/${path}`].length).toBeGreaterThan(40);
  });

  it.skipIf(!haveCompiler)('compiles, and its self-test tells equal outputs from others', () => {
    for (const [path, content] of [
      ...Object.entries(files),
      ...Object.entries(STUBS).map(([path, stub]) => [`model/src/${path}`, new TextEncoder().encode(stub)] as const),
    ]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const source = join(folder, 'model/src');
    const program = join(folder, 'selftest');
    const units = ['model.cc', 'selftest.cc', 'main.cc'].map((name) => join(source, name));
    execFileSync('g++', ['-std=c++17', '-Wall', '-Werror', `-I${source}`, ...units, '-o', program]);
    expect(spawnSync(program, ['0']).status).toBe(0);
    expect(spawnSync(program, ['10']).status).toBe(0);
    expect(spawnSync(program, ['40']).status).toBe(1);
  });
});
