/** One process of `npm run fuzz`: opens mutants and reports, so that whatever they do to it is survived by the other. */
import { Fuzzer, MOST_TIME, emptyTally, type Tally } from '../src/testing/fuzz/fuzzer';
import { FUZZED_READERS } from '../src/testing/fuzz/readers';

export interface Task {
  readonly reader: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** Report each mutant before it is opened: to find the one that ends the process. */
  readonly careful: boolean;
}

export type Message = { readonly starts: number } | { readonly done: number; readonly tally: Tally };

const STEP = 250;

process.on('message', (task: Task) => void work(task));

async function work({ reader, seed, from, to, careful }: Task): Promise<void> {
  const fuzzer = await Fuzzer.of(
    FUZZED_READERS.find(({ id }) => id === reader)!,
    seed,
    MOST_TIME,
  );
  const tell = (message: Message) => new Promise<void>((told) => process.send!(message, () => told()));
  for (let at = from; at < to; at += STEP) {
    const end = Math.min(at + STEP, to);
    const tally = emptyTally();
    for (let next = at; next < end; next = careful ? next + 1 : end) {
      await tell({ starts: next });
      await fuzzer.run(next, careful ? next + 1 : end, tally);
    }
    await tell({ done: end, tally });
  }
  process.exit();
}
