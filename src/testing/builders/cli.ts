/** The command line run in this process, with what it writes caught. */
import { vi } from 'vitest';
import { commandOf } from '../../cli/command-line';
import { main } from '../../cli/main';

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runCli(argv: readonly string[]): Promise<CliRun> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  try {
    return { code: await main(argv), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** What the words of a command amount to, without running it. @throws UsageError and HelpAsked */
export function parsed(argv: readonly string[]): { readonly command: string } {
  const { row, words } = commandOf(argv);
  return { command: row.name, ...(row.parse(words) as object) };
}
