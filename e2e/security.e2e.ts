import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { SECURITY_HEADERS } from '../scripts/security-headers.mjs';
import { launch, openStudio, studioUrl, verified } from './studio';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const LOADER = 'engines/litert/litert_wasm_compat_internal.wasm';

describe('every response', () => {
  const expectHeaders = (response: Response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(response.headers.get(name), name).toBe(value);
  };

  it('carries the policy, whether the file is there, unchanged or missing', async () => {
    const page = await fetch(studioUrl());
    expect(page.status).toBe(200);
    expectHeaders(page);
    const unchanged = await fetch(studioUrl(), { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
    expect(unchanged.status).toBe(304);
    expectHeaders(unchanged);
    const missing = await fetch(`${studioUrl()}assets/index-00000000.js`);
    expect(missing.status).toBe(404);
    expect(await missing.text()).not.toContain('<html');
    expectHeaders(missing);
  });

  it('is compressed where it is WebAssembly, with the type that streaming needs', async () => {
    const response = await fetch(studioUrl() + LOADER, { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers.get('content-type')).toBe('application/wasm');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const bytes = (await response.arrayBuffer()).byteLength;
    expect(Number(response.headers.get('content-length'))).toBeLessThan(bytes / 2);
  });
});

describe('the page', () => {
  it('violates no policy and asks no other host, from the sample to the verified file', async () => {
    const { page, problems, close } = await openStudio(browser, {
      query: '?sample=none',
      before: () =>
        addEventListener('securitypolicyviolation', (event) =>
          console.error(`Policy violated: ${event.violatedDirective} ${event.blockedURI}`),
        ),
    });
    const hosts = new Set<string>();
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol.startsWith('http')) hosts.add(host);
    });
    await page.goto(studioUrl());
    await verified(page);
    expect([...hosts]).toEqual([new URL(studioUrl()).host]);
    expect(problems).toEqual([]);
    await close();
  });

  it('names its policy itself, for hosts that send no headers', async () => {
    const html = await (await fetch(studioUrl())).text();
    expect(html).toContain('http-equiv="Content-Security-Policy"');
    expect(html).toContain('wasm-unsafe-eval');
    expect(html).not.toMatch(/[^-]unsafe-(?:eval|inline)/);
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
  });
});
