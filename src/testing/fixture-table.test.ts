/** Every model among the fixtures, against the table of what becomes of it. */
import { describe, expect, it } from 'vitest';
import { factsOf, recordedFacts } from './fixture-table';
import { haveFixtures } from './fixtures';
import { modelFixtures } from './model-fixtures';

describe.skipIf(!haveFixtures)('the table of fixtures', () => {
  const recorded = recordedFacts();
  const fixtures = modelFixtures();

  it('has a row for every model, and none for what is not there', () => {
    expect(fixtures.map(({ name }) => name)).toEqual([...recorded.keys()]);
    expect(fixtures.length).toBeGreaterThan(700);
  });

  it('leaves no transpose in a convolutional network that came as [N,C,H,W]', () => {
    const convolutional = [...recorded].filter(([, facts]) => /^onnx\b/.test(facts) && /conv2d/i.test(facts));
    expect(convolutional.length).toBeGreaterThan(5);
    expect(convolutional.filter(([, facts]) => /\btranspose\b/.test(facts))).toEqual([]);
  });

  it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', async (name, fixture) => {
    expect(await factsOf(fixture)).toBe(recorded.get(name));
  });
});
