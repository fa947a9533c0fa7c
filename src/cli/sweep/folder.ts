/**
 * A sweep on disk: the plan, what is to be tried, and what came of it, a file for each trial. Files appear whole or not at
 * all, so that a sweep may be stopped at any moment, and read while it goes on.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../base/canonical-json';
import { RangefinderError, type ErrorInfo } from '../../base/errors';
import type { Trial } from '../../core/sweep/trial';
import type { DoneTrial } from '../../jobs/reports/sweep-summary';
import type { TrialReport } from '../../jobs/reports/trial-report';
import { readTrial, readTrialReport } from './read-trial';

/** A trial that was given up. */
export interface Failure {
  readonly key: string;
  readonly name: string;
  readonly attempts: number;
  readonly error: ErrorInfo;
}

export class SweepFolder {
  constructor(readonly path: string) {}

  /** Made where it is missing. @throws RangefinderError 'missing-file' where it cannot be written to */
  create(plan: unknown): void {
    this.guarded(() => {
      for (const name of ['trials', 'results', 'failed']) mkdirSync(join(this.path, name), { recursive: true });
    });
    this.write('sweep.json', `${JSON.stringify(plan, null, 2)}\n`);
  }

  /** @throws RangefinderError 'missing-file' where no sweep is there */
  checkThere(): void {
    if (existsSync(join(this.path, 'sweep.json'))) return;
    throw new RangefinderError({
      code: 'missing-file',
      message: 'There is no sweep in this folder.',
      where: this.path,
      hint: 'Give the folder that `rangefinder sweep PLAN.json --out FOLDER` wrote.',
    });
  }

  /**
   * Keeps others from sweeping into the same folder at the same time, which would do trials twice.
   * @returns what gives it free again
   */
  lock(): () => void {
    const path = join(this.path, 'lock');
    const own = `${hostname()} ${process.pid}`;
    const holder = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const [host, pid] = holder.split(' ');
    if (holder !== '' && (host !== hostname() || isAlive(Number(pid))))
      throw new RangefinderError({
        code: 'invalid-settings',
        message: `Another sweep writes into this folder: process ${pid} on ${host}.`,
        where: this.path,
        hint: 'Wait for it, or remove the file "lock" in the folder if that process is gone.',
      });
    this.write('lock', own);
    return () => rmSync(path, { force: true });
  }

  /** Remembers what is to be tried, for whoever does it. */
  addTrial(key: string, trial: Trial): void {
    if (!existsSync(join(this.path, 'trials', `${key}.json`)))
      this.write(`trials/${key}.json`, `${canonicalJson(trial)}\n`);
  }

  trial(key: string): Trial {
    return readTrial(this.read(`trials/${key}.json`), join(this.path, 'trials', `${key}.json`));
  }

  /** Null where it is not done. */
  report(key: string): TrialReport | null {
    const name = `results/${key}.json`;
    return existsSync(join(this.path, name)) ? readTrialReport(this.read(name), key) : null;
  }

  isDone(key: string): boolean {
    return existsSync(join(this.path, 'results', `${key}.json`));
  }

  isGivenUp(key: string): boolean {
    return existsSync(join(this.path, 'failed', `${key}.json`));
  }

  /** @param milliseconds it took, which is no part of the report */
  keep(key: string, report: TrialReport, milliseconds: number | null): void {
    this.write(`results/${key}.json`, `${canonicalJson(report)}\n`);
    rmSync(join(this.path, 'failed', `${key}.json`), { force: true });
    this.log({ key, milliseconds });
  }

  giveUp(failure: Failure): void {
    this.write(`failed/${failure.key}.json`, `${JSON.stringify(failure, null, 2)}\n`);
  }

  tryAgain(key: string): void {
    rmSync(join(this.path, 'failed', `${key}.json`), { force: true });
  }

  /** Of everything that is done, in the order of keys. */
  done(): DoneTrial[] {
    return this.keys('results').map((key) => ({ trial: this.trial(key), report: this.report(key)! }));
  }

  failures(): Failure[] {
    return this.keys('failed').map((key) => this.read(`failed/${key}.json`) as Failure);
  }

  writeText(name: string, text: string): void {
    this.write(name, text);
  }

  private keys(of: string): string[] {
    return readdirSync(join(this.path, of))
      .flatMap((name) => (/^[0-9a-f]{64}\.json$/.test(name) ? [name.slice(0, 64)] : []))
      .sort();
  }

  private read(name: string): unknown {
    const path = join(this.path, name);
    try {
      return JSON.parse(readFileSync(path, 'utf8'));
    } catch (cause) {
      throw new RangefinderError(
        {
          code: 'corrupt-file',
          message: 'A file of the sweep cannot be read.',
          where: path,
          hint: 'Remove it; the trial is then done once more.',
        },
        { cause },
      );
    }
  }

  private log(entry: object): void {
    this.guarded(() =>
      appendFileSync(join(this.path, 'log.jsonl'), `${JSON.stringify({ at: new Date(), ...entry })}\n`),
    );
  }

  /** Whole or not at all: what is renamed is on the disk. */
  private write(name: string, text: string): void {
    const path = join(this.path, name);
    const draft = `${path}.${process.pid}.tmp`;
    this.guarded(() => {
      try {
        writeFileSync(draft, text, { flush: true });
        renameSync(draft, path);
      } catch (thrown) {
        rmSync(draft, { force: true });
        throw thrown;
      }
    });
  }

  private guarded(write: () => void): void {
    try {
      write();
    } catch (cause) {
      const isFull = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
      throw new RangefinderError(
        {
          code: 'missing-file',
          message: isFull ? 'The disk is full.' : 'The folder of the sweep cannot be written to.',
          where: this.path,
          hint: `${isFull ? 'Make room' : 'Make it writable'} and give the same command again: what is done stays.`,
        },
        { cause },
      );
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
