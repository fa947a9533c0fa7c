/**
 * A sweep of 300 trials over BullMQ with three workers, one of which is killed again and again: what is lost, what is done
 * twice, and how busy the processors were with trials. usage: npx tsx bench/sweep.ts MODEL DATA [TRIALS]
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { printTable } from './table';

const [model, data, wanted = '300'] = process.argv.slice(2);
if (!model || !data) throw new Error('usage: npx tsx bench/sweep.ts MODEL DATA [TRIALS]');

const WORKERS = 3;
/** A worker is killed so often, ms. */
const KILL_EVERY = 60_000;
const CLI = ['--import', 'tsx', 'src/cli/rangefinder.ts'];

const place = mkdtempSync(join(tmpdir(), 'sweep-bench-'));
const at = (name: string) => join(place, name);
const formats = ['int8', 'int7', 'int6', 'int5', 'int4', 'int3'];
const all = {
  weights: formats,
  activations: formats.slice(0, 5),
  estimator: ['minmax', 'mse', 'percentile', 'entropy', 'octav'],
  granularity: ['channel', 'tensor'],
};
const plan = {
  sweep: 1,
  models: [{ model: resolve(model), data: data === 'random' ? data : resolve(data), calibrate: 50, evaluate: 100 }],
  vary: all,
  search: { kind: 'pareto', configurations: Number(wanted), generation: Number(wanted) },
};
writeFileSync(at('plan.json'), JSON.stringify(plan));

const port = await new Promise<number>((found) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = probe.address() as { port: number };
    probe.close(() => found(free));
  });
});
const url = `redis://127.0.0.1:${port}`;
const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', place];
const redis = spawn('redis-server', options, { stdio: 'ignore' });

const workers: ChildProcess[] = [];
const logs: string[] = [];
function startWorker(position: number): void {
  const worker = spawn(process.execPath, [...CLI, 'work', '--queue', url, '--workers', '1']);
  worker.stderr.on('data', (chunk: Buffer) => void logs.push(chunk.toString()));
  workers[position] = worker;
}
for (let i = 0; i < WORKERS; i++) startWorker(i);

let kills = 0;
const killing = setInterval(() => {
  const position = kills++ % WORKERS;
  workers[position]!.kill('SIGKILL');
  startWorker(position);
}, KILL_EVERY);

const started = performance.now();
const out = at('out');
const sweeping = spawn(process.execPath, [...CLI, 'sweep', at('plan.json'), '--out', out, '--queue', url, '--quiet']);
const code = await new Promise<number | null>((ended) => sweeping.once('exit', ended));
const seconds = (performance.now() - started) / 1000;
clearInterval(killing);
for (const worker of workers) worker.kill('SIGKILL');
redis.kill('SIGKILL');

const entries = readFileSync(join(out, 'log.jsonl'), 'utf8').trim().split('\n');
const busy = entries.reduce(
  (sum, line) => sum + ((JSON.parse(line) as { milliseconds: number | null }).milliseconds ?? 0),
  0,
);
const done = readdirSync(join(out, 'results')).length;
const finished = logs.join('').match(/ done$/gm)?.length ?? 0;
printTable(`A sweep of ${wanted} trials, ${kills} workers killed, exit code ${code}`, [
  { what: 'trials done', value: done, unit: '' },
  { what: 'trials lost', value: Number(wanted) - done, unit: '' },
  { what: 'finished twice', value: Math.max(0, finished - done), unit: '', target: kills },
  { what: 'time in all', value: seconds, unit: 's' },
  {
    what: 'part of the cores that was busy with trials',
    value: busy / 1000 / seconds / Math.min(WORKERS, availableParallelism()),
    unit: '',
  },
]);
rmSync(place, { recursive: true });
process.exit(0);
