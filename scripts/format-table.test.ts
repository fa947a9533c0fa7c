import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatSection, withFormatSection } from './format-table';

it('docs/formats.md lists what the tables say: run "npx tsx scripts/format-table.ts" after changing them', async () => {
  const page = readFileSync(new URL('../docs/formats.md', import.meta.url), 'utf8');
  expect(await withFormatSection(page)).toBe(page);
});

it('lists ops with their operators and rules, and layers of every kind', () => {
  const section = formatSection();
  expect(section).toContain('| Conv 2D | `CONV_2D` | weights per channel |');
  expect(section).toContain('| Softmax | `SOFTMAX` | output at 1/256, zero point -128 |');
  expect(section).toMatch(/\| Div \| `DIV` \| kept float: .+ \|/);
  for (const name of ['LSTM', 'MultiHeadAttention', 'TimeDistributed', 'gelu', '_FusedConv2D', 'ConvTranspose'])
    expect(section).toContain(`\`${name}\``);
});
