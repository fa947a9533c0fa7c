/**
 * One quantization in a process of its own, whose peak of memory is its own, too. Prints milliseconds by job, of processor time
 * in all, the peak in bytes, and of a training step where it is asked for. usage: job.ts MODEL SAMPLES WORKERS [train]
 */
import { Headless } from '../../src/cli/headless';
import { modelFiles } from '../../src/cli/files';
import { DEFAULT_SETTINGS } from '../../src/core/quantize/settings';
import { DEFAULT_QAT } from '../../src/core/training/settings';

const [model, samples, workers, train] = process.argv.slice(2) as [string, string, string, string?];
const studio = new Headless(true, Number(workers));
const cpu = process.cpuUsage();
await studio.run('openModel', { files: modelFiles(model), sizes: {} });
await studio.run('randomData', { seed: 42, calibrationSamples: Number(samples), evaluationSamples: 1 });
await studio.run('calibrate', {});
await studio.run('exportFile', { settings: DEFAULT_SETTINGS });
const { user, system } = process.cpuUsage(cpu);
const peakBytes = process.resourceUsage().maxRSS * 1024;
const timings = { ...studio.timings };
const training = { ...DEFAULT_QAT, epochs: 1, samples: Number(samples), backend: 'wasm' as const };
const stepMs = train === undefined ? null : (await studio.run('qat', { settings: DEFAULT_SETTINGS, training })).stepMs;
process.stdout.write(`${JSON.stringify({ timings, cpuMs: (user + system) / 1000, peakBytes, stepMs })}\n`);
process.exit(0);
