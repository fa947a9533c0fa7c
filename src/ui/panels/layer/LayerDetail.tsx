import { lookup } from '../../../base/lookup';
import { useMemo } from 'react';
import { INT8_ACTIVATION, INT8_WEIGHT, type AnyFormat } from '../../../core/number-formats/format';
import type { TensorId } from '../../../core/graph/graph';
import type { QuantPlan } from '../../../core/quantize/plan';
import type { TensorOverride } from '../../../core/quantize/settings';
import type { Range } from '../../../core/calibration/types';
import type { LayerView } from '../../../jobs/contract/protocol';
import { comparedWith, trainedInUse, untrainedCalibration } from '../../../state/results/comparison';
import { isTunable } from '../../../state/slices/model';
import { freshness, shownCalibration } from '../../../state/slices/results';
import type { Draft } from '../../../state/slices/selection';
import { settingsOf, type StudioState } from '../../../state/store';
import { LayerDiagnosis } from '../diagnose/LayerDiagnosis';
import { useController, useStudio } from '../../app/studio';
import { useRuled } from '../rules/use-ruled';
import { ChannelStrip } from './ChannelStrip';
import { DistributionCard } from './DistributionCard';
import { EmptyDetail } from './EmptyDetail';
import { FormatPicker } from '../../fields/FormatPicker';
import { GranularityPicker } from '../../fields/GranularityPicker';
import { LayerHeader } from './LayerHeader';
import { channelRanges, gridOf, partOf } from './live';
import { StoredQuantization } from './StoredQuantization';
import { NoActivations, Waiting } from './Waiting';
import './detail.css';

/** The chosen layer: its output, its weights, and the ranges they are quantized with. */
export function LayerDetail() {
  const model = useStudio((state) => state.model.view);
  const selected = useStudio((state) => state.selection.layer);
  const tunable = useStudio((state) => isTunable(state.model));
  const layer = useMemo(() => model?.layers.find(({ id }) => id === selected) ?? null, [model, selected]);
  if (!model || !layer) return <EmptyDetail />;
  return (
    <section className="panel detail" aria-label={`Layer ${layer.name}`}>
      <LayerHeader layer={layer} viewOnly={model.alreadyQuantized} />
      <div className="body">
        {model.alreadyQuantized ? (
          <>
            <StoredQuantization title="Output activations" tensor={layer.output} />
            {layer.weight && <StoredQuantization title="Weights" tensor={layer.weight} />}
          </>
        ) : layer.notComputed !== undefined ? (
          <Waiting title="Kept as it is">
            <p className="quiet">
              {capital(layer.notComputed)}.{tunable && ' The exported file holds it in float.'}
            </p>
          </Waiting>
        ) : (
          <>
            <LayerDiagnosis layer={layer} />
            <Activations layer={layer} />
            {layer.weight && <Weights layer={layer} />}
          </>
        )}
      </div>
    </section>
  );
}

function Activations({ layer }: { layer: LayerView }) {
  const tensor = layer.output.id;
  const stats = useStudio((state) => lookup(shownCalibration(state.results)?.activations, tensor) ?? null);
  const plan = useStudio((state) => state.results.plan?.value ?? null);
  const planned = useStudio((state) => lookup(state.results.plan?.value.activations, tensor));
  const pending = useStudio(isPlanning);
  const { override, draft } = useManual(tensor);
  const trained = useStudio((state) => lookup(trainedInUse(state)?.settings.tensors, tensor) ?? null);
  const ruled = useRuled(layer.id);
  const manual = draft?.range ?? override?.range;
  const range = manual ?? planned?.range ?? null;
  const grid = gridOf(planned?.format, INT8_ACTIVATION);
  const parts = useMemo(() => (stats && range ? [partOf(stats, range, grid)] : []), [stats, range, grid]);
  const siblings = useMemo(() => Object.keys(plan?.activations ?? {}), [plan]);
  const statsBefore = useStudio((state) => lookup(untrainedCalibration(state)?.activations, tensor) ?? null);
  const plannedBefore = useStudio((state) => lookup(comparedWith(state)?.plan.value.activations, tensor) ?? null);
  const before = useMemo(() => {
    if (!statsBefore || !plannedBefore) return null;
    const { range: was, format } = plannedBefore;
    return { stats: statsBefore, range: was, parts: [partOf(statsBefore, was, gridOf(format, INT8_ACTIVATION))] };
  }, [statsBefore, plannedBefore]);
  if (!stats) return <NoActivations />;
  return (
    <DistributionCard
      kind="activations"
      grid={grid}
      format={<FormatPicker layer={layer} kind="activations" />}
      title="Output activations"
      tensor={tensor}
      channel={null}
      stats={stats}
      parts={parts}
      range={range}
      pending={pending && manual === undefined}
      manual={manual !== undefined}
      trained={trained !== null && trained === override && draft === null}
      before={before}
      ruled={{
        ...(ruled.activationEstimator && { estimator: ruled.activationEstimator }),
        ...(ruled.activationRange && { range: ruled.activationRange }),
      }}
      room={planned?.range ?? null}
      locked={
        planned?.origin === 'fixed'
          ? 'The kernel prescribes scale and zero point of this output.'
          : blocksNote(planned?.format)
      }
      note={
        planned?.origin === 'shared' && planned.sharedWith !== undefined
          ? `Shares scale and zero point with ${planned.sharedWith}.`
          : keptNote(plan, layer)
      }
      siblings={siblings}
    />
  );
}

function Weights({ layer }: { layer: LayerView }) {
  const controller = useController();
  const tensor = layer.weight!.id;
  const detail = useStudio((state) => lookup(state.results.weights, layer.id) ?? null);
  const plan = useStudio((state) => state.results.plan?.value ?? null);
  const pending = useStudio(isPlanning);
  const chosen = useStudio((state) => state.selection.channel);
  const weightPlan = useStudio((state) => lookup(state.results.plan?.value.weights, tensor));
  const planned = weightPlan?.ranges;
  const grid = gridOf(weightPlan?.format, INT8_WEIGHT);
  const { override, draft } = useManual(tensor);
  const ruled = useRuled(layer.id);
  const siblings = useMemo(() => Object.keys(plan?.weights ?? {}), [plan]);
  const stats = detail?.stats;
  const channels = useMemo(() => stats?.channels ?? [], [stats]);
  const block = weightPlan?.block;
  const perChannel = (planned?.length ?? 0) > 1 && block === undefined;
  const channel = perChannel && chosen !== null && channels[chosen] ? chosen : null;
  const tensorManual = (draft?.channel === null ? draft.range : undefined) ?? override?.range;
  const ranges = useMemo(() => {
    if (!planned) return [];
    if (block !== undefined) return blockRanges(planned, channels.length);
    return perChannel ? channelRanges(channels, planned, override, draft) : [tensorManual ?? planned[0]];
  }, [planned, block, perChannel, channels, override, draft, tensorManual]);
  const parts = useMemo(() => {
    if (!stats) return [];
    if (channel !== null) return [partOf(channels[channel], ranges[channel], grid)];
    const whole = ranges.length > 1 ? channels : [stats.tensor];
    return ranges.map((range, i) => partOf(whole[i], range, grid));
  }, [stats, channels, channel, ranges, grid]);
  const room = useMemo(
    () => (planned ? mirrored(hull(channel === null ? planned : [planned[channel]])) : null),
    [planned, channel],
  );
  const before = useWeightsBefore(layer, channel);
  if (!stats)
    return (
      <Waiting title="Weights">
        <p className="quiet">Reading the weights…</p>
      </Waiting>
    );
  // Weights are quantized symmetrically: whichever end reaches further sets both.
  const range = mirrored(channel === null ? (tensorManual ?? hull(ranges)) : ranges[channel]);
  const manual = channel === null ? tensorManual !== undefined : isManual(override, draft, channel);
  return (
    <DistributionCard
      kind="weights"
      grid={grid}
      format={
        <>
          <FormatPicker layer={layer} kind="weights" />
          <GranularityPicker layer={layer} />
        </>
      }
      title={channel === null ? 'Weights' : `Weights, channel ${channel}`}
      tensor={tensor}
      channel={channel}
      stats={channel === null ? stats.tensor : channels[channel]}
      parts={parts}
      range={range}
      pending={pending && !manual}
      manual={manual}
      trained={before !== null && weightPlan?.origin === 'learnt' && draft === null}
      before={before}
      ruled={{
        ...(ruled.weightEstimator && { estimator: ruled.weightEstimator }),
        ...(ruled.weightRange && { range: ruled.weightRange }),
      }}
      room={room}
      locked={blocksNote(weightPlan?.format) ?? sharedNote(block)}
      note={
        perChannel && channel === null
          ? 'Every channel has a range of its own; the handles cap them all. Choose one in the strip to move it alone.'
          : null
      }
      siblings={siblings}
    >
      {channels.length > 1 && ranges.length > 0 && (
        <ChannelStrip
          channels={channels}
          ranges={ranges}
          selected={channel}
          onSelect={perChannel ? (next) => controller.selectChannel(next) : null}
        />
      )}
    </DistributionCard>
  );
}

/** The ranges that are known are of other settings; new ones are on their way. */
const isPlanning = (state: StudioState) =>
  freshness(state.results.plan, settingsOf(state), state.results.basis) === 'stale';

/** Weights as they were quantized without training, where trained ones are in use. */
function useWeightsBefore(layer: LayerView, channel: number | null) {
  const detail = useStudio((state) => lookup(comparedWith(state)?.weights, layer.id) ?? null);
  const planned = useStudio((state) => lookup(comparedWith(state)?.plan.value.weights, layer.weight!.id) ?? null);
  return useMemo(() => {
    if (!detail || !planned) return null;
    const { tensor, channels } = detail.stats;
    const grid = gridOf(planned.format, INT8_WEIGHT);
    const all = planned.ranges.length > 1 ? channels : [tensor];
    const one = channel === null ? undefined : channels[channel];
    const ranges = one ? [planned.ranges[channel!]] : planned.ranges;
    return {
      stats: one ?? tensor,
      range: mirrored(hull(ranges)),
      parts: ranges.map((range, i) => partOf(one ?? all[i], range, grid)),
    };
  }, [detail, planned, channel]);
}

/** What a person set or is setting for a tensor. */
function useManual(tensor: TensorId): { readonly override: TensorOverride | undefined; readonly draft: Draft | null } {
  const override = useStudio((state) => lookup(settingsOf(state).tensors, tensor));
  const draft = useStudio(({ selection }) => (selection.draft?.tensor === tensor ? selection.draft : null));
  return { override, draft };
}

function isManual(override: TensorOverride | undefined, draft: Draft | null, channel: number): boolean {
  return draft !== null || override?.range !== undefined || override?.channels?.[channel] !== undefined;
}

/** Without calibration there is no distribution to show; without data there is nothing to calibrate on. */
function blocksNote(format: AnyFormat | undefined): string | null {
  return format?.kind === 'block'
    ? `Every ${format.size} values choose their scale by themselves; there is no range.`
    : null;
}

function sharedNote(block: number | undefined): string | null {
  return block === undefined
    ? null
    : `Every ${block} consecutive weights of a channel have a range of their own; shown is the widest of each channel.`;
}

/** The widest range of each channel's blocks, which lie one channel's after another's. */
function blockRanges(planned: readonly Range[], channels: number): Range[] {
  const each = planned.length / Math.max(1, channels);
  return Array.from({ length: channels }, (_, c) => hull(planned.slice(c * each, (c + 1) * each))!);
}

function keptNote(plan: QuantPlan | null, layer: LayerView): string | null {
  const kept = plan?.keptFloat.find(({ op }) => op === layer.id);
  return kept
    ? `This layer runs in float (${kept.reason}); its range matters where the next layer takes it over.`
    : null;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function mirrored(range: Range | null): Range | null {
  if (!range) return null;
  const size = Math.max(-range.min, range.max);
  return { min: -size, max: size };
}

function hull(ranges: readonly Range[]): Range | null {
  if (ranges.length === 0) return null;
  return { min: Math.min(...ranges.map((r) => r.min)), max: Math.max(...ranges.map((r) => r.max)) };
}
