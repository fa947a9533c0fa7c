/** A module with all it imports as one script, for a page to run: what measurements and tests put into the browser. */
import { build, type Rolldown } from 'vite';

/** @param name of the global that holds what the module exports */
export async function bundled(entry: string, name: string): Promise<string> {
  const outputs = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      lib: { entry, formats: ['iife'], name },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [{ output }] = outputs as Rolldown.RolldownOutput[];
  return output[0].code;
}
