/**
 * Zod, set up once for the whole project. Its object schemas try `Function('')` to see whether they may compile
 * themselves, which the page's Content-Security-Policy forbids and reports. Interpreted schemas never ask.
 */
import { z } from 'zod';

z.config({ jitless: true });

export { z };
