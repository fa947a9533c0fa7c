import type { Plugin } from 'vite';
import { PAGE_POLICY } from './security-headers.mjs';

/** Writes the page's policy into the built page, for static hosts that send no headers of their own. */
export function pagePolicy(): Plugin {
  return {
    name: 'rangefinder:page-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: PAGE_POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}
