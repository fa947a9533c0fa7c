import { useMemo } from 'react';
import type { QuantPlan } from '../../core/quantize/plan';
import type { Range } from '../../core/ranges/types';
import type { LayerView } from '../../jobs/protocol';
import { keepFloat } from '../../state/edits';
import { settingsOf } from '../../state/store';
import { compact, decibels, dimensions, real } from '../format';
import { useController, useStudio } from '../studio';
import { ChannelStrip } from './ChannelStrip';
import { DistributionCard } from './DistributionCard';
import { EmptyDetail } from './EmptyDetail';
import './detail.css';

/** The chosen layer: its output, its weights, and the ranges they are quantized with. */
export function LayerDetail() {
  const model = useStudio((state) => state.model.view);
  const selected = useStudio((state) => state.selection.layer);
  const layer = useMemo(() => model?.layers.find(({ id }) => id === selected) ?? null, [model, selected]);
  if (!model || !layer) return <EmptyDetail />;
  return (
    <section className="panel detail" aria-label={`Layer ${layer.name}`}>
      <LayerHeader layer={layer} />
      <div className="body">
        <Activations layer={layer} />
        {layer.weight && <Weights layer={layer} />}
      </div>
    </section>
  );
}

function LayerHeader({ layer }: { layer: LayerView }) {
  const controller = useController();
  const kept = useStudio((state) => settingsOf(state).layers[layer.id]?.keepFloat ?? false);
  const error = useStudio((state) => state.results.evaluation?.value.layers.find(({ op }) => op === layer.id) ?? null);
  const reason = layer.floatOnlyReason;
  return (
    <header className="detail-header">
      <div className="detail-title">
        <h2 title={layer.name}>{layer.name}</h2>
        <p className="quiet">
          {layer.label}
          {layer.fusedActivation !== 'none' && ` + ${layer.fusedActivation}`} · {dimensions(layer.output.shape)}
          {layer.macs > 0 && ` · ${compact(layer.macs)} MACs`}
        </p>
        <p className="quiet">
          {error
            ? `Output against float: ${decibels(error.sqnrDb)} · cosine ${error.cosine.toFixed(5)} · RMSE/scale ${real(error.rmseOverScale)} · max error ${real(error.maxError)}`
            : 'Output against float: not evaluated yet'}
        </p>
      </div>
      {reason !== undefined ? (
        <span className="badge warn">stays float: {reason}</span>
      ) : (
        <label className="switch">
          <input
            type="checkbox"
            role="switch"
            checked={kept}
            onChange={({ target }) => controller.edit(keepFloat(layer.id, target.checked))}
          />
          Keep float
        </label>
      )}
    </header>
  );
}

function Activations({ layer }: { layer: LayerView }) {
  const tensor = layer.output.id;
  const stats = useStudio((state) => state.results.calibration?.value.activations[tensor] ?? null);
  const plan = useStudio((state) => state.results.plan?.value ?? null);
  const planned = plan?.activations[tensor];
  const distributions = useMemo(
    () => (stats ? [{ stats, planned: planned?.range ?? null, zeroPoint: planned?.params.zeroPoint[0] ?? 0 }] : []),
    [stats, planned],
  );
  const siblings = useMemo(() => Object.keys(plan?.activations ?? {}), [plan]);
  if (!stats) return <Waiting title="Output activations" text="Calibration has not reached this tensor yet." />;
  const name = (id: string) => id;
  return (
    <DistributionCard
      kind="activations"
      title="Output activations"
      tensor={tensor}
      channel={null}
      stats={stats}
      distributions={distributions}
      planned={planned?.range ?? null}
      locked={planned?.origin === 'fixed' ? 'The kernel prescribes scale and zero point of this output.' : null}
      note={
        planned?.origin === 'shared' && planned.sharedWith !== undefined
          ? `Shares scale and zero point with ${name(planned.sharedWith)}: moving one moves both.`
          : keptNote(plan, layer)
      }
      siblings={siblings}
    />
  );
}

function Weights({ layer }: { layer: LayerView }) {
  const controller = useController();
  const tensor = layer.weight!.id;
  const detail = useStudio((state) => state.results.weights[layer.id] ?? null);
  const plan = useStudio((state) => state.results.plan?.value ?? null);
  const channel = useStudio((state) => state.selection.channel);
  const planned = plan?.weights[tensor];
  const draft = useStudio(({ selection: { draft } }) => (draft?.tensor === tensor ? draft : null));
  const siblings = useMemo(() => Object.keys(plan?.weights ?? {}), [plan]);
  const channels = useMemo(() => detail?.stats.channels ?? [], [detail]);
  const perChannel = (planned?.ranges.length ?? 0) > 1;
  const distributions = useMemo(() => {
    if (!detail) return [];
    const part = (stats: (typeof channels)[number], i: number) => ({
      stats,
      planned: planned?.ranges[i] ?? planned?.ranges[0] ?? null,
      zeroPoint: 0,
    });
    if (channel !== null && channels[channel]) return [part(channels[channel], channel)];
    return perChannel ? channels.map(part) : [part(detail.stats.tensor, 0)];
  }, [detail, channels, planned, channel, perChannel]);
  const stripRanges = useMemo(() => {
    const ranges = planned?.ranges ?? [];
    if (!draft) return ranges;
    return ranges.map((range, i) =>
      draft.channel === null ? capped(range, draft.range) : i === draft.channel ? draft.range : range,
    );
  }, [planned, draft]);
  if (!detail) return <Waiting title="Weights" text="Reading the weights…" />;
  const one = channel !== null ? channels[channel] : undefined;
  return (
    <DistributionCard
      kind="weights"
      title={one ? `Weights, channel ${channel}` : 'Weights'}
      tensor={tensor}
      channel={one ? channel : null}
      stats={one ?? detail.stats.tensor}
      distributions={distributions}
      planned={one ? (planned?.ranges[channel!] ?? null) : hull(planned?.ranges)}
      locked={null}
      note={
        perChannel && !one
          ? 'Every channel has a range of its own; the handles cap them all. Choose one in the strip to move it alone.'
          : null
      }
      siblings={siblings}
    >
      {channels.length > 1 && (
        <ChannelStrip
          channels={channels}
          ranges={stripRanges}
          selected={channel}
          onSelect={(next) => controller.selectChannel(next)}
        />
      )}
    </DistributionCard>
  );
}

function Waiting({ title, text }: { title: string; text: string }) {
  return (
    <section className="distribution waiting" aria-label={title}>
      <h3>{title}</h3>
      <p className="quiet">{text}</p>
    </section>
  );
}

function keptNote(plan: QuantPlan | null, layer: LayerView): string | null {
  const kept = plan?.keptFloat.find(({ op }) => op === layer.id);
  return kept
    ? `This layer runs in float (${kept.reason}); its range matters where the next layer takes it over.`
    : null;
}

function hull(ranges: readonly Range[] | undefined): Range | null {
  if (!ranges || ranges.length === 0) return null;
  return { min: Math.min(...ranges.map((r) => r.min)), max: Math.max(...ranges.map((r) => r.max)) };
}

function capped(range: Range, cap: Range): Range {
  return { min: Math.max(range.min, cap.min), max: Math.min(range.max, cap.max) };
}
