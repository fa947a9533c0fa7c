import { repeated } from './option';
import { readSize } from './sizes';

/** What opening a model takes. */
export const MODEL_OPTIONS = {
  size: repeated('NAME=N', 'the size of a dimension that the model leaves open', readSize),
};
