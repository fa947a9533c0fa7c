import { z } from '../../base/zod';
import type { Sample } from '../slices/samples';

const INDEX = z.array(
  z.object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    model: z.array(z.string()),
    data: z.array(z.string()),
    default: z.boolean().exactOptional(),
    story: z
      .object({ granularity: z.enum(['tensor', 'channel', 'block']), tab: z.enum(['layer', 'diagnose', 'improve']) })
      .exactOptional(),
  }),
);

/** The bundled samples that `text`, the JSON of their index, tells of; null where it is not such an index. */
export function readSampleIndex(text: string): readonly Sample[] | null {
  return INDEX.safeParse(parseJson(text)).data ?? null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
