import { activationGradients, gradientScale, type ActivationSums } from '../../../core/training/step-size';
import type { Parameter } from '../../../core/training/optimizers';
import { chooseQuantParams } from '../../../core/numerics/affine';
import { codeRange, type IntFormat } from '../../../core/numerics/format';
import type { TensorId } from '../../../core/graph/graph';
import type { Grid } from '../fake-quant/grid';

/** How far an observed range follows one batch. */
const MOMENTUM = 0.1;
/** A scale stays above this part of what it started from. */
const SMALLEST = 1e-3;

export type RangeMode = 'learned' | 'observed' | 'fixed';

/** The grid that a group of activations shares, and how it changes while training. */
export class ActivationQuantizer {
  /** [scale, offset], where the zero point is −offset / scale, rounded. */
  readonly parameter: Parameter;
  private readonly qmin: number;
  private readonly qmax: number;
  private readonly start: number;
  private readonly step: number;
  /** Grids that end at zero, as after a ReLU, keep that end. */
  private readonly oneSided: number | null;
  private observed: { min: number; max: number };

  /**
   * @param source the tensor that stands for the group in a plan
   * @param grid to start from
   * @param elements of the source for one sample
   */
  constructor(
    readonly source: TensorId,
    grid: { readonly scale: number; readonly zeroPoint: number },
    private readonly format: IntFormat,
    readonly mode: RangeMode,
    elements: number,
  ) {
    const { qmin, qmax } = codeRange(format);
    [this.qmin, this.qmax] = [qmin, qmax];
    this.start = grid.scale;
    this.step = gradientScale(elements, qmax - qmin);
    this.oneSided = grid.zeroPoint === qmin || grid.zeroPoint === qmax ? grid.zeroPoint : null;
    const span = grid.scale * 2 ** (format.bits - 2);
    this.parameter = {
      values: Float32Array.of(grid.scale, -grid.zeroPoint * grid.scale),
      gradient: new Float32Array(2),
      unit: Float32Array.of(grid.scale, span),
    };
    this.observed = { min: grid.scale * (qmin - grid.zeroPoint), max: grid.scale * (qmax - grid.zeroPoint) };
  }

  get grid(): Grid {
    const [scale, offset] = this.parameter.values;
    const { qmin, qmax } = this;
    const zeroPoint = this.oneSided ?? Math.max(qmin, Math.min(qmax, Math.round(-offset / scale)));
    return { scale, zeroPoint, qmin, qmax };
  }

  /** Moves an observed range towards the extrema of a batch. */
  observe(min: number, max: number): void {
    const { observed } = this;
    observed.min += MOMENTUM * (Math.min(min, 0) - observed.min);
    observed.max += MOMENTUM * (Math.max(max, 0) - observed.max);
    const { scale, zeroPoint } = chooseQuantParams(observed, this.format);
    this.restore(scale, zeroPoint);
  }

  /** Adds what one of the group's tensors says about the grid. */
  addGradient(sums: ActivationSums): void {
    const { scale, offset } = activationGradients(sums, this.grid);
    const { gradient } = this.parameter;
    gradient[0] += scale * this.step;
    if (this.oneSided === null) gradient[1] += offset * this.step;
  }

  /** After a step of the optimizer: the grid stays one. */
  settle(): void {
    const { values, gradient } = this.parameter;
    values[0] = Math.max(values[0], this.start * SMALLEST);
    gradient.fill(0);
  }

  restore(scale: number, zeroPoint: number): void {
    this.parameter.values.set([scale, -zeroPoint * scale]);
  }
}
