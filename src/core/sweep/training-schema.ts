/** Choices of a training from a file: what is left out takes its default, what is no choice is refused by name. */
import { z } from '../../base/zod';
import { DEFAULT_QAT, QAT_CHOICES, type QatSettings } from '../training/settings';

function fieldSchema(key: keyof QatSettings): z.ZodType {
  const choices = (QAT_CHOICES as Readonly<Record<string, readonly string[]>>)[key];
  if (choices) return z.enum(choices as [string, ...string[]]);
  return typeof DEFAULT_QAT[key] === 'boolean' ? z.boolean() : z.number();
}

const keys = Object.keys(DEFAULT_QAT) as (keyof QatSettings)[];

/** Bounds are checked by the training itself, which lists all that is out of them. */
export const trainingSchema = z.strictObject(
  Object.fromEntries(keys.map((key) => [key, fieldSchema(key).optional()])),
) as unknown as z.ZodType<Partial<QatSettings>>;
