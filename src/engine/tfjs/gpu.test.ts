import { describe, expect, it } from 'vitest';
import { gpuBackends, isSoftware } from './gpu';

describe('GPUs', () => {
  it.each([
    ['ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)', true],
    ['llvmpipe (LLVM 15.0.7, 256 bits)', true],
    ['ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0, D3D11)', true],
    ['google swiftshader', true],
    ['ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)', false],
    ['Apple M2', false],
    ['nvidia ampere', false],
    ['ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)', false],
  ])('%s: software %s', (name, software) => {
    expect(isSoftware(name)).toBe(software);
  });

  it('are none in Node', async () => {
    expect(await gpuBackends()).toEqual([]);
  });
});
