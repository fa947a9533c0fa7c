/** How long tasks kept the page's main thread busy, from Chromium's own trace. */
import type { Browser, Page } from 'playwright-core';
import { slowdown } from './machine';

/** Of processor time, ms: what a hand does not notice. */
const LONG_TASK_MS = 50;

export interface Task {
  /** Processor time, ms: what the task itself took, however busy the machine is with others. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** The longest named parts of it, for whoever has to find out. */
  readonly parts: readonly string[];
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string; readonly data?: { readonly url?: string; readonly functionName?: string } };
}

const TASK = /RunTask$/;

/** Runs `work` and answers every task of the page's main thread that began meanwhile, longest first. */
export async function tasksDuring(browser: Browser, page: Page, work: () => Promise<void>): Promise<Task[]> {
  await browser.startTracing(page, {
    categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'],
  });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const main = new Set(
    traceEvents
      .filter(({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const complete = traceEvents.filter(({ ph, pid, tid }) => ph === 'X' && main.has(`${pid} ${tid}`));
  const isTask = ({ name }: TraceEvent) => TASK.test(name);
  return complete
    .filter(isTask)
    .map((task) => ({
      cpuMs: (task.tdur ?? 0) / 1000,
      wallMs: (task.dur ?? 0) / 1000,
      parts: complete
        .filter((e) => !isTask(e) && e.tid === task.tid && e.ts >= task.ts && e.ts < task.ts + (task.dur ?? 0))
        .sort((a, b) => (b.tdur ?? 0) - (a.tdur ?? 0))
        .slice(0, 5)
        .map(({ name, tdur = 0, args }) => `${name} ${args.data?.functionName ?? ''} ${(tdur / 1000).toFixed(1)} ms`),
    }))
    .sort((a, b) => b.cpuMs - a.cpuMs);
}

/** The tasks that would be noticed. Where others have the caches, the same task takes more of the processor, too. */
export function longOf(tasks: readonly Task[]): readonly Task[] {
  const limit = LONG_TASK_MS * slowdown();
  return tasks.filter(({ cpuMs }) => cpuMs > limit);
}
