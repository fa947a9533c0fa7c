/** One process of `npm run fuzz`: opens mutants and reports, so that whatever they do to it is survived by the other. */
import { Fuzzer, MOST_TIME, emptyTally, type Tally } from '../src/testing/fuzz/fuzzer';
import { FUZZED_READERS, wholeWays } from '../src/testing/fuzz/readers';
import { keepIn } from './fuzz-cases';

export interface Task {
  readonly reader: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** Report each mutant before it is opened: to find the one that ends the process. */
  readonly careful: boolean;
  /** Go on with models that open. */
  readonly isWhole: boolean;
  /** A folder for what was computed on the way. */
  readonly keep?: string;
}

export type Message = { readonly starts: number } | { readonly done: number; readonly tally: Tally };

const STEP = 250;
/** What is computed takes longer than what is read. */
const STEP_OF_WHOLE = 25;

process.on('message', (task: Task) => void work(task));

async function work({ reader, seed, from, to, careful, isWhole, keep }: Task): Promise<void> {
  const ways = isWhole ? wholeWays(keep === undefined ? undefined : keepIn(keep)) : [];
  const found = [...ways, ...FUZZED_READERS].find(({ id }) => id === reader)!;
  const fuzzer = await Fuzzer.of(found, seed, MOST_TIME);
  const step = isWhole ? STEP_OF_WHOLE : STEP;
  const tell = (message: Message) => new Promise<void>((told) => process.send!(message, () => told()));
  for (let at = from; at < to; at += step) {
    const end = Math.min(at + step, to);
    const tally = emptyTally();
    for (let next = at; next < end; next = careful ? next + 1 : end) {
      await tell({ starts: next });
      await fuzzer.run(next, careful ? next + 1 : end, tally);
    }
    await tell({ done: end, tally });
  }
  process.exit();
}
