import type { Parameter } from './optimizers';

/** A gradient this many times as long as usual is shortened: an order of magnitude, since tails are heavy in recurrent nets. */
const LONGEST = 10;
/** How far the usual length follows one step. */
const MOMENTUM = 0.1;

/**
 * Shortens, in place, gradients that are much longer than those of the same parameter usually are: one batch that is unlike
 * all others then neither throws the weights far off nor fills an optimizer's memory. Each parameter is clipped by its own
 * norm, as Keras' `clipnorm` does, since folding and raw pixels set the norms of a model's parameters orders of magnitude
 * apart; what is usual is learnt as training goes, so that no model needs a bound of its own (Seetharaman et al. 2020).
 */
export class GradientClip {
  private readonly usual = new WeakMap<Parameter, number>();

  apply(parameters: readonly Parameter[]): void {
    for (const parameter of parameters) {
      const { gradient } = parameter;
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      const before = this.usual.get(parameter);
      if (!before) {
        this.usual.set(parameter, norm);
        continue;
      }
      const kept = Math.min(norm, LONGEST * before);
      if (kept < norm) for (let i = 0; i < gradient.length; i++) gradient[i] *= kept / norm;
      this.usual.set(parameter, before + MOMENTUM * (kept - before));
    }
  }
}
