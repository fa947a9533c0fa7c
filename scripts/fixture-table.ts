/** Writes what becomes of every model among the fixtures: `npx tsx scripts/fixture-table.ts`, then look at the difference. */
import { writeFileSync } from 'node:fs';
import { factsOf, HEADER, TABLE } from '../src/testing/fixtures/fixture-table';
import { modelFixtures } from '../src/testing/fixtures/model-fixtures';

const rows = [HEADER];
for (const fixture of modelFixtures()) rows.push(`${fixture.name}\t${await factsOf(fixture)}`);
if (rows.length === 1) throw new Error('The fixtures are not there.');
writeFileSync(TABLE, `${rows.join('\n')}\n`);
