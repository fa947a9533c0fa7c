import { expect, it } from 'vitest';
import { TERMS } from './terms';

it.each(Object.values(TERMS))('$title is explained in two sentences', ({ says }) => {
  expect(says.match(/[.!?](?= [A-Z0-9]|$)/g)).toHaveLength(2);
});
