import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { madeUpReport, madeUpTrial } from '../../testing/builders/trial';
import { SweepFolder } from './folder';
import { trialKey } from './trial-key';

let path: string;
let folder: SweepFolder;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'sweep-'));
  folder = new SweepFolder(path);
  folder.create({ name: 'test' });
});
afterEach(() => rmSync(path, { recursive: true }));

describe('the folder of a sweep', () => {
  it('gives back what was kept, and knows what is done', () => {
    const trial = madeUpTrial();
    const key = trialKey(trial);
    folder.addTrial(key, trial);
    expect([folder.isDone(key), folder.report(key)]).toEqual([false, null]);
    folder.keep(key, madeUpReport(trial), 12);
    expect(folder.isDone(key)).toBe(true);
    expect(folder.done()).toEqual([{ trial, report: madeUpReport(trial) }]);
  });

  it('holds no half of a file, whatever was stopped', () => {
    expect(readdirSync(path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    mkdirSync(join(path, 'results', `${'e'.repeat(64)}.json`)); // a name that cannot be replaced by a file
    const trial = madeUpTrial();
    expect(() => folder.keep('e'.repeat(64), madeUpReport(trial), null)).toThrow(/cannot be written to/);
    expect(readdirSync(join(path, 'results'))).toEqual([`${'e'.repeat(64)}.json`]);
  });

  it('forgets a failure once the trial is done', () => {
    const trial = madeUpTrial();
    const key = trialKey(trial);
    folder.giveUp({ key, name: 'W8A8', attempts: 3, error: { code: 'worker-died', message: 'It ended.' } });
    expect(folder.isGivenUp(key)).toBe(true);
    folder.keep(key, madeUpReport(trial), null);
    expect([folder.isGivenUp(key), folder.failures()]).toEqual([false, []]);
  });

  it('is written to by one sweep at a time, and by the next when that is gone', () => {
    const unlock = folder.lock();
    expect(() => folder.lock()).toThrow(/Another sweep writes into this folder/);
    unlock();
    folder.lock()();
    writeFileSync(join(path, 'lock'), `${hostname()} 4194305`); // beyond any process
    folder.lock()();
  });
});
