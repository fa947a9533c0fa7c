/** The grammar of `rangefinder inspect`. */
import type { InputSizes } from '../../core/model-formats/open-sizes';
import { command } from './command';
import { MODEL_OPTIONS } from './model';
import { flag } from './option';
import { sizesOf } from './sizes';

export interface InspectArgs {
  readonly model: string;
  readonly sizes: InputSizes;
  readonly json: boolean;
}

export const INSPECT = command({
  name: 'inspect',
  summary: 'Prints what a model is: layers, shapes, parameters, multiply-accumulates.',
  argument: 'MODEL',
  options: { ...MODEL_OPTIONS, json: flag('as JSON') },
  read: (model, { size, json }): InspectArgs => ({ model, sizes: sizesOf(size), json }),
  run: async (args) => (await import('../commands/inspect')).inspect(args),
});
