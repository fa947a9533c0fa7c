/** Writes schemas/*.json, what reports and lessons hold in the terms of JSON Schema, from the code that writes and reads them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PUBLISHED_SCHEMAS, schemaText } from '../src/jobs/reports/json-schemas';

const folder = join(import.meta.dirname, '../schemas');
mkdirSync(folder, { recursive: true });
for (const name of PUBLISHED_SCHEMAS.keys()) writeFileSync(join(folder, `${name}.json`), schemaText(name));
