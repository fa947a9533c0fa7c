/** What reports hold, in the terms of JSON Schema, for readers that are not written in TypeScript. */
import { z } from '../../base/zod';
import { lessonSchema } from '../../core/lessons/schema';
import { diagnosisReportSchema } from './diagnosis-report';
import { qatReportSchema } from './qat-report';
import { reportSchema } from './report';
import { planSchema } from '../../core/sweep/plan';
import { trialReportSchema } from './trial-report';

/** By the name of the file that each is published as. */
export const REPORT_SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['quantization-report', reportSchema],
  ['training-report', qatReportSchema],
  ['diagnosis-report', diagnosisReportSchema],
  ['trial-report', trialReportSchema],
]);

/** Reports; and lessons and plans, which are written by people: they may leave out what has a default. */
export const PUBLISHED_SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ...REPORT_SCHEMAS,
  ['lesson', lessonSchema],
  ['sweep-plan', planSchema],
]);

/** One of them as it is published: `npm run schemas` writes it. */
export function schemaText(name: string): string {
  const io = REPORT_SCHEMAS.has(name) ? 'output' : 'input';
  return `${JSON.stringify(z.toJSONSchema(PUBLISHED_SCHEMAS.get(name)!, { io }), null, 2)}\n`;
}
