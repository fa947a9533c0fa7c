import { expect, it } from 'vitest';
import { likelySize } from './likely-size';

it.each([
  ['height', 224],
  ['x[1]', 224],
  ['num_channels', 3],
  ['sequence_length', 128],
  ['batch_size', 1],
  ['num_samples', 16000],
])('"%s" is likely %i', (name, size) => expect(likelySize(name)).toBe(size));
