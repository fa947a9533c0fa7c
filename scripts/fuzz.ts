/**
 * `npm run fuzz`: opens seeded mutations of every fixture, and of files made here, with each reader, and goes on with
 * whatever opens as a model: random data → calibrate → quantize → export → verify. `--help` lists the options.
 *
 * A finding is an error that is not typed, a process that ends or hangs, tensors left behind, one allocation over four
 * times the files (4 MiB in any case), and processor time out of proportion. Readers run in a process of their own with a
 * small heap.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Fuzzer, emptyTally, type Finding, type Tally } from '../src/testing/fuzz/fuzzer';
import { FUZZED_READERS, wholeWays, type FuzzedReader } from '../src/testing/fuzz/readers';
import { keepIn } from './fuzz-cases';
import type { Message, Task } from './fuzz-child';

/** MiB of JavaScript heap; buffers are counted one by one. */
const HEAP = 320;
/** Seconds without a word from the other process. */
const PATIENCE = 120;
/** Seconds between words on how far it is. */
const EVERY = 60;
/** Causes shown, and lines of each. */
const SHOWN = 20;
const STACK = 6;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mutants: { type: 'string' },
    length: { type: 'string', default: 'nightly' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    'open-only': { type: 'boolean', default: false },
    keep: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** Mutants per reader. */
const LENGTHS: Readonly<Record<string, number>> = { ci: 200, nightly: 100_000 };

const HELP = `npm run fuzz -- [READER …] [options]

Readers: ${FUZZED_READERS.map(({ id }) => id).join(', ')} (all).

Options:
  --length ci|nightly   ${LENGTHS.ci} or ${LENGTHS.nightly} mutants of each reader (nightly)
  --mutants N           so many instead
  --from N              the number of the first mutant: to go on where another run ended (0)
  --seed N              other mutants (1)
  --open-only           models are opened and not gone on with
  --keep FOLDER         write every model that went the whole way, with what was computed, for
                        scripts/oracles/fuzz_differential.py
  --only N              one mutant again: what becomes of it, and its files in a folder
  -h, --help            print this help

Exit status: 0 no findings, 1 findings, 2 wrong usage.
`;
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const mutants = Number(values.mutants ?? LENGTHS[values.length]);
const [first, seed] = [Number(values.from), Number(values.seed)];
if (![mutants, first, seed].every(Number.isInteger)) {
  console.error('--length is ci or nightly; --mutants, --from and --seed are whole numbers.');
  process.exit(2);
}
const isWhole = !values['open-only'];
const readers = readersOf(isWhole, values.keep).filter(
  ({ id }) => positionals.length === 0 || positionals.includes(id),
);
if (readers.length === 0) {
  console.error(`There is no such reader. Readers: ${FUZZED_READERS.map(({ id }) => id).join(', ')}.`);
  process.exit(2);
}

let told = performance.now();

/** What runs is told to stop, and what was found so far is told. */
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

if (values.only !== undefined) await again(readers[0]!, Number(values.only));
else {
  let found = 0;
  for (const reader of readers) if (!stopping.signal.aborted) found += await fuzz(reader);
  process.exit(found > 0 ? 1 : 0);
}

/** All readers; those of models go the whole way where asked. */
function readersOf(whole: boolean, keep: string | undefined): readonly FuzzedReader[] {
  const ways = whole ? wholeWays(keep === undefined ? undefined : keepIn(keep)) : [];
  return FUZZED_READERS.map((reader) => ways.find(({ id }) => id === reader.id) ?? reader);
}

async function again(reader: FuzzedReader, index: number): Promise<void> {
  const fuzzer = await Fuzzer.of(reader, seed);
  const { specimen, files } = fuzzer.mutant(index);
  const folder = mkdtempSync(join(tmpdir(), 'rangefinder-mutant-'));
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  console.log(`${reader.id} ${index}, of ${specimen.name}: ${folder}`);
  try {
    console.log((await (await reader.open(files))()) ?? 'opened');
  } catch (error) {
    console.log(error);
  }
  const tally = emptyTally();
  await fuzzer.run(index, index + 1, tally);
  console.log(tally);
}

async function fuzz(reader: FuzzedReader): Promise<number> {
  const started = performance.now();
  const sum = emptyTally();
  let [from, careful] = [first, false];
  const to = first + mutants;
  while (from < to) {
    const task = { reader: reader.id, seed, from, to, careful, isWhole, ...(values.keep && { keep: values.keep }) };
    const { done, last, ended } = await run(task, sum);
    if (done >= to || stopping.signal.aborted) break;
    if (careful) {
      sum.findings.push({ reader: reader.id, mutant: last, specimen: '', problem: ended });
      sum.mutants++;
      [from, careful] = [last + 1, false];
    } else [from, careful] = [done, true];
  }
  const minutes = (performance.now() - started) / 60000;
  const outcomes = Object.entries(sum.outcomes).sort(([, a], [, b]) => b - a);
  console.log(
    [
      `${reader.id}: ${sum.mutants} mutants in ${minutes.toFixed(1)} min, ${sum.findings.length} findings`,
      `  ${outcomes.map(([name, count]) => `${name} ${count}`).join(', ')}`,
      `  largest allocation ${sum.largest.toFixed(2)} × the files, all of one mutant ${sum.total.toFixed(1)} ×, slowest ${Math.round(sum.slowest)} ms`,
      ...summary(sum.findings),
    ].join('\n'),
  );
  return sum.findings.length;
}

/** Findings of one cause, told by the place in the source, count as one. */
function summary(findings: readonly Finding[]): string[] {
  const causes = new Map<string, Finding[]>();
  for (const finding of findings) {
    const [what, where = ''] = finding.problem.split('\n');
    const cause = `${what!.slice(0, 100).replace(/\d+/g, '…')} ${where}`;
    causes.set(cause, [...(causes.get(cause) ?? []), finding]);
  }
  return [...causes.values()]
    .sort((a, b) => b.length - a.length)
    .slice(0, SHOWN)
    .map(([{ mutant, specimen, problem }, ...others]) => {
      const shown = problem.split('\n').slice(0, STACK).join('\n  ');
      return `  #${mutant} ${specimen}: ${shown}${others.length > 0 ? `\n      and ${others.length} more like it` : ''}`;
    });
}

/** Lets the other process work until it is done or dies: how far it came, the last mutant it began, and what ended it. */
function run(task: Task, sum: Tally): Promise<{ done: number; last: number; ended: string }> {
  const child: ChildProcess = fork(new URL('fuzz-child.ts', import.meta.url), {
    execArgv: ['--import', 'tsx', `--max-old-space-size=${HEAP}`],
    env: { ...process.env, RANGEFINDER_FIXTURES_QUIET: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let [done, last] = [task.from, task.from];
  let complaint = '';
  child.stderr!.on('data', (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2000)));
  const hangs = () => {
    complaint = `no answer for ${PATIENCE} s`;
    child.kill('SIGKILL');
  };
  let timer = setTimeout(hangs, PATIENCE * 1000);
  stopping.signal.addEventListener('abort', () => child.kill('SIGKILL'));
  child.on('message', (message: Message) => {
    clearTimeout(timer);
    timer = setTimeout(hangs, PATIENCE * 1000);
    if ('starts' in message) last = message.starts;
    else {
      done = message.done;
      add(sum, message.tally);
      if (performance.now() - told > EVERY * 1000) {
        told = performance.now();
        console.error(`${task.reader}: ${done} of ${task.to}, ${sum.findings.length} findings`);
      }
    }
  });
  child.send(task);
  return new Promise((resolve) =>
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      resolve({ done, last, ended: `the process ended (${signal ?? code}): ${complaint.trim().slice(0, 600)}` });
    }),
  );
}

function add(sum: Tally, part: Tally): void {
  sum.mutants += part.mutants;
  for (const [name, count] of Object.entries(part.outcomes)) sum.outcomes[name] = (sum.outcomes[name] ?? 0) + count;
  sum.findings.push(...(part.findings as Finding[]));
  sum.largest = Math.max(sum.largest, part.largest);
  sum.total = Math.max(sum.total, part.total);
  sum.slowest = Math.max(sum.slowest, part.slowest);
}
