import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { PUBLISHED_SCHEMAS, REPORT_SCHEMAS, schemaText } from './json-schemas';

const folder = resolve(import.meta.dirname, '../../../schemas');

it('the published schemas are those of the code; npm run schemas writes them', () => {
  expect(readdirSync(folder).sort()).toEqual([...PUBLISHED_SCHEMAS.keys()].map((name) => `${name}.json`).sort());
  for (const name of PUBLISHED_SCHEMAS.keys())
    expect(JSON.parse(readFileSync(resolve(folder, `${name}.json`), 'utf8'))).toEqual(JSON.parse(schemaText(name)));
});

it('all reports begin with the same head', () => {
  const heads = [...REPORT_SCHEMAS.keys()].map((name) => {
    const { properties } = JSON.parse(schemaText(name)) as { properties: Record<string, unknown> };
    const { generator, model, data, settings } = properties;
    expect(Object.keys(properties).slice(0, 3)).toEqual(['report', 'version', 'generator']);
    return { generator, model, data, settings };
  });
  for (const head of heads) {
    expect(head.model).toMatchObject({ type: 'object' });
    expect(head).toEqual(heads[0]);
  }
});
