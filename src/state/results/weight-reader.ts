/** Reads weights of the layers that are looked at, as they are wanted. */
import { RangefinderError, toErrorInfo } from '../../base/errors';
import { lookup } from '../../base/lookup';
import type { OpId } from '../../core/graph/graph';
import { sameSettings } from '../../core/quantize/settings-key';
import type { QuantSettings } from '../../core/quantize/settings';
import type { WeightDetail } from '../../jobs/contract/protocol';
import type { PageJobQueue } from '../page-job-queue';
import { patch, type StudioStore } from '../store';
import { comparedWith } from './comparison';

export class WeightReader {
  constructor(
    private readonly store: StudioStore,
    private readonly jobs: PageJobQueue,
  ) {}

  /** Reads the weights of a layer that are not known: as they are quantized and, to compare, as they were before training. */
  async read(layer: OpId): Promise<void> {
    const state = this.store.getState();
    const { model, results } = state;
    if (!model.view?.layers.find(({ id }) => id === layer)?.weight) return;
    const before = comparedWith(state);
    try {
      if (!lookup(results.weights, layer)) {
        const detail = await this.weightsOf(layer, results.variant?.settings);
        this.store.setState(({ model: now, results: current }) =>
          now.view === model.view && current.variant?.key === results.variant?.key
            ? { results: { ...current, weights: { ...current.weights, [layer]: detail } } }
            : {},
        );
      }
      if (before && !lookup(before.weights, layer)) {
        const detail = await this.weightsOf(layer, before.settings);
        this.store.setState(({ results: current }) =>
          current.untrained &&
          sameSettings(current.untrained.settings, before.settings) &&
          current.basis === before.basis
            ? {
                results: {
                  ...current,
                  untrained: { ...current.untrained, weights: { ...current.untrained.weights, [layer]: detail } },
                },
              }
            : {},
        );
      }
    } catch (thrown) {
      if (thrown instanceof RangefinderError && thrown.code === 'cancelled') return;
      if (this.store.getState().results.basis === results.basis)
        patch(this.store, 'results', { error: toErrorInfo(thrown) });
    }
  }

  private weightsOf(op: OpId, settings: QuantSettings | undefined): Promise<WeightDetail> {
    return this.jobs.run('inspectWeights', { op, ...(settings && { settings }) });
  }
}
