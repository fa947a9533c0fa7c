/** What reports hold, in the terms of JSON Schema, for readers that are not written in TypeScript. */
import { z } from 'zod';
import { diagnosisReportSchema } from './diagnosis-report';
import { qatReportSchema } from './qat-report';
import { reportSchema } from './report';

/** By the name of the file that each is published as. */
export const REPORT_SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['quantization-report', reportSchema],
  ['training-report', qatReportSchema],
  ['diagnosis-report', diagnosisReportSchema],
]);

/** Of one report, as it is published: `npm run schemas` writes it. */
export function schemaText(name: string): string {
  return `${JSON.stringify(z.toJSONSchema(REPORT_SCHEMAS.get(name)!), null, 2)}\n`;
}
