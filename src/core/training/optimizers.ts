/** Optimizers on plain arrays: a model's weights are few beside its activations, and so they are data at any moment. */

export interface Parameter {
  /** Changed in place. */
  readonly values: Float32Array;
  /** Of the loss; filled anew for each step. */
  readonly gradient: Float32Array;
  /**
   * What a step of length one means for each value. Adam's steps are the learning rate whatever the gradient's size, so they
   * are measured in this; the others follow the gradient and need none.
   */
  readonly unit?: Float32Array;
}

export interface Optimizer {
  /** One step of all parameters of a group. */
  step(parameters: readonly Parameter[], rate: number, decay: number): void;
}

/** One state for each parameter, made when it is first seen. */
function remembered<T>(make: (size: number) => T): (parameter: Parameter) => T {
  const states = new WeakMap<Parameter, T>();
  return (parameter) => {
    let state = states.get(parameter);
    if (!state) states.set(parameter, (state = make(parameter.values.length)));
    return state;
  };
}

/** Stochastic gradient descent with momentum 0.9. */
function sgd(momentum = 0.9): Optimizer {
  const velocityOf = remembered((size) => new Float32Array(size));
  return {
    step(parameters, rate, decay) {
      for (const parameter of parameters) {
        const { values, gradient } = parameter;
        const velocity = velocityOf(parameter);
        for (let i = 0; i < values.length; i++) {
          velocity[i] = momentum * velocity[i] + gradient[i];
          values[i] -= rate * (velocity[i] + decay * values[i]);
        }
      }
    },
  };
}

/** Kingma and Ba 2015, with decoupled weight decay (Loshchilov and Hutter 2019). */
function adam(beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8): Optimizer {
  const stateOf = remembered((size) => ({
    first: new Float32Array(size),
    second: new Float32Array(size),
    steps: 0,
  }));
  return {
    step(parameters, rate, decay) {
      for (const parameter of parameters) {
        const { values, gradient, unit } = parameter;
        const state = stateOf(parameter);
        const { first, second } = state;
        state.steps++;
        const correction = Math.sqrt(1 - beta2 ** state.steps);
        const scaled = (rate * correction) / (1 - beta1 ** state.steps);
        const floor = epsilon * correction;
        for (let i = 0; i < values.length; i++) {
          const g = gradient[i];
          first[i] = beta1 * first[i] + (1 - beta1) * g;
          second[i] = beta2 * second[i] + (1 - beta2) * g * g;
          const move = (scaled * first[i]) / (Math.sqrt(second[i]) + floor);
          values[i] -= move * (unit ? unit[i] : 1) + rate * decay * values[i];
        }
      }
    },
  };
}

export const OPTIMIZERS = { sgd: () => sgd(), adam: () => adam() } satisfies Record<string, () => Optimizer>;

export type OptimizerId = keyof typeof OPTIMIZERS;
