/** How far a student has come, as the browser keeps it and reads it back. */
import { z } from '../../base/zod';
import type { Progress } from '../../core/lessons/progress';
import type { Vault } from '../kept/vault';
import type { KeptLesson } from '../slices/lessons';

const PREFIX = 'lesson ';

const value = z.union([z.number(), z.string(), z.boolean()]);
const step = z.string();

const progressSchema = z.object({
  version: z.literal(1),
  lesson: z.string(),
  hash: z.string(),
  step: z.number().int().nonnegative(),
  done: z.array(step),
  answers: z.array(z.object({ step, field: z.string().optional(), value })),
  records: z.array(z.object({ name: z.string(), value })),
  truths: z.array(z.object({ step, value, right: z.boolean() })),
  hints: z.array(z.object({ step, shown: z.number() })),
  attempts: z.array(z.object({ step, failed: z.number() })),
  positions: z.array(z.object({ step, values: z.array(z.number()) })),
  best: z.object({ score: z.number(), bytes: z.number() }).nullable(),
  finished: z.boolean(),
});

const recordSchema = z.object({ title: z.string(), steps: z.number(), progress: progressSchema });

export interface KeptProgress {
  readonly title: string;
  readonly steps: number;
  readonly progress: Progress;
}

/** Where nothing can be kept, or what is kept cannot be read, lessons simply begin. */
export class KeptProgresses {
  constructor(private readonly vault: Vault) {}

  async read(id: string): Promise<KeptProgress | null> {
    const [record] = await this.vault.get([PREFIX + id]).catch(() => []);
    const parsed = recordSchema.safeParse(record);
    return parsed.success ? (parsed.data as KeptProgress) : null;
  }

  async keep(kept: KeptProgress): Promise<void> {
    await this.vault.set([[PREFIX + kept.progress.lesson, kept]]).catch(() => {});
  }

  async forget(id: string): Promise<void> {
    await this.vault.delete([PREFIX + id]).catch(() => {});
  }

  async list(): Promise<KeptLesson[]> {
    const keys = (await this.vault.keys().catch(() => [])).filter((key) => key.startsWith(PREFIX));
    const records = await this.vault.get(keys).catch(() => []);
    return records.flatMap((record) => {
      const parsed = recordSchema.safeParse(record);
      if (!parsed.success) return [];
      const { title, steps, progress } = parsed.data;
      return [{ id: progress.lesson, title, step: progress.step, steps, finished: progress.finished }];
    });
  }
}
