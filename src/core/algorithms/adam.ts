/** Adam (Kingma and Ba 2015) on plain arrays. */
export class Adam {
  private readonly first: Float32Array;
  private readonly second: Float32Array;
  private step = 0;

  constructor(
    size: number,
    private readonly rate: number,
    private readonly beta1 = 0.9,
    private readonly beta2 = 0.999,
    private readonly epsilon = 1e-8,
  ) {
    this.first = new Float32Array(size);
    this.second = new Float32Array(size);
  }

  /** Moves `parameters`, in place, against the gradient. */
  update(parameters: Float32Array, gradient: Float32Array): void {
    const { first, second, beta1, beta2, epsilon } = this;
    this.step++;
    const correction = Math.sqrt(1 - beta2 ** this.step);
    const rate = (this.rate * correction) / (1 - beta1 ** this.step);
    for (let i = 0; i < parameters.length; i++) {
      const g = gradient[i];
      first[i] = beta1 * first[i] + (1 - beta1) * g;
      second[i] = beta2 * second[i] + (1 - beta2) * g * g;
      parameters[i] -= (rate * first[i]) / (Math.sqrt(second[i]) + epsilon * correction);
    }
  }
}
