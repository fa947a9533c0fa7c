/**
 * The same work by other tools, in the same run on the same machine: what counts is the ratio. Without Python and its
 * packages (bench/peers/make-venv.sh) our own figures are printed alone.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fixturePath } from '../../src/testing/fixtures/fixtures';
import type { Row } from '../table';

const RESNET8 = fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite');
const RESNET8_KERAS = fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.h5');
const SAMPLES = 500;

/** Larger models are made by whoever wants them measured: this holds the paths of `.tflite` files, separated by colons. */
const FURTHER = (process.env.BENCH_MODELS ?? '').split(':').filter((path) => path !== '');

interface Job {
  readonly timings: Readonly<Record<string, number>>;
  readonly cpuMs: number;
  readonly peakBytes: number;
  /** Milliseconds of a training step, batch 32, of ResNet8's formats at eight bits. */
  readonly stepMs: number | null;
}

function job(model: string, samples: number, workers: number, ...train: 'train'[]): Job {
  const script = join(import.meta.dirname, 'job.ts');
  const argv = ['--import', 'tsx', script, model, String(samples), String(workers), ...train];
  return JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8' })) as Job;
}

interface Peer {
  readonly name: string;
  readonly ms: number;
  readonly cpuMs: number;
}

/** By name; empty where there is no Python for it. */
function peers(): ReadonlyMap<string, Peer> {
  const own = join(import.meta.dirname, '.venv/bin/python');
  const python = process.env.BENCH_PYTHON ?? (existsSync(own) ? own : null);
  if (python === null) {
    console.log('Without peers: there is no bench/peers/.venv, which make-venv.sh makes.\n');
    return new Map();
  }
  const script = join(import.meta.dirname, 'peers.py');
  const ran = spawnSync(python, [script, RESNET8, RESNET8_KERAS, String(SAMPLES)], { encoding: 'utf8' });
  if (ran.status !== 0) console.log(`Peers ended early: ${ran.stderr.trim().split('\n').at(-1)}\n`);
  const lines = ran.stdout.split('\n').filter((line) => line.startsWith('{'));
  return new Map(lines.map((line) => JSON.parse(line) as Peer).map((peer) => [peer.name, peer]));
}

const toFile = ({ timings }: Job) => Object.values(timings).reduce((sum, ms) => sum + ms, 0);

/** Ours first, then the peer's as what we are held to. */
export async function againstPeers(): Promise<Row[]> {
  const ours = job(RESNET8, SAMPLES, 1, 'train');
  const others = peers();
  const of = (name: string) => others.get(name);
  const perImage = ours.timings['calibrate']! / SAMPLES;
  const inference = of('inference');
  return [
    {
      what: 'ResNet8 and 500 images → int8 file, TFLiteConverter',
      value: toFile(ours),
      unit: 'ms',
      target: of('TFLiteConverter')?.ms,
    },
    { what: 'the same in processor time', value: ours.cpuMs, unit: 'ms', target: of('TFLiteConverter')?.cpuMs },
    {
      what: 'calibration per image, 3.5 × native XNNPACK',
      value: perImage,
      unit: 'ms',
      target: inference && 3.5 * inference.ms,
    },
    { what: 'training step, batch 32, TF-MOT', value: ours.stepMs!, unit: 'ms', target: of('TF-MOT step')?.ms },
  ].map((row) => ({ ...row, target: row.target && Number(row.target.toPrecision(3)) }));
}

/** Time and memory over samples, models and workers. */
export async function scaling(): Promise<Row[]> {
  const rows: Row[] = [];
  const add = (model: string, name: string, samples: number, workers: number) => {
    const { timings, peakBytes } = job(model, samples, workers);
    const what = `${name}, ${samples} images, ${workers === 1 ? 'one worker' : `${workers} workers`}`;
    rows.push({ what: `${what}: calibration`, value: timings['calibrate']!, unit: 'ms' });
    rows.push({ what: `${what}: peak memory`, value: peakBytes / 2 ** 20, unit: 'MiB' });
  };
  for (const samples of [100, 500, 2000]) add(RESNET8, 'ResNet8', samples, 1);
  for (const path of FURTHER) for (const workers of [1, 2]) add(path, path.split('/').at(-1)!, 100, workers);
  return rows;
}
