import { useMemo, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { Range, TensorStats } from '../../../core/calibration/types';
import { real } from '../../parts/format';
import { useWidth } from '../../charts/use-width';

const HEIGHT = 64;

interface Props {
  readonly channels: readonly TensorStats[];
  /** Ranges in effect, one a channel or one for all. */
  readonly ranges: readonly Range[];
  readonly selected: number | null;
  /** null where channels cannot be chosen: one range holds for all. */
  readonly onSelect: ((channel: number | null) => void) | null;
}

/** Each channel's own extent against the range it is given. Hover reads one, a click or the arrow keys choose one. */
export function ChannelStrip({ channels, ranges, selected, onSelect }: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [hovered, setHovered] = useState<number | null>(null);
  const n = channels.length;
  const extent = useMemo(
    () =>
      Math.max(
        1e-30,
        ...channels.map(({ min, max }) => Math.max(-min, max)),
        ...ranges.map((r) => Math.max(-r.min, r.max)),
      ),
    [channels, ranges],
  );
  const paths = useMemo(() => stripPaths(channels, ranges, extent, width), [channels, ranges, extent, width]);
  const at = (event: PointerEvent<SVGSVGElement>) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    return Math.min(n - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * n)));
  };
  const shown = hovered ?? selected;
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, () => number | null>> = {
      ArrowRight: () => (selected === null ? 0 : Math.min(n - 1, selected + 1)),
      ArrowLeft: () => (selected === null ? n - 1 : Math.max(0, selected - 1)),
      Home: () => 0,
      End: () => n - 1,
      Escape: () => null,
    };
    if (!onSelect || !Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    onSelect(moves[event.key]());
  };
  return (
    <div className="channel-strip">
      <p className="strip-line">
        <span className="label">Channels</span>
        <span className="mono">
          {shown === null ? `${n}, all together` : describe(channels[shown], rangeOf(ranges, shown), shown)}
        </span>
        {selected !== null && (
          <button type="button" className="button small" onClick={() => onSelect?.(null)}>
            All channels
          </button>
        )}
      </p>
      <div ref={box}>
        <svg
          width={width}
          height={HEIGHT}
          role="slider"
          tabIndex={0}
          aria-label="Channel; Escape for all"
          aria-valuemin={-1}
          aria-valuemax={n - 1}
          aria-valuenow={selected ?? -1}
          aria-valuetext={
            selected === null ? 'all channels' : describe(channels[selected], rangeOf(ranges, selected), selected)
          }
          onKeyDown={onKeyDown}
          onPointerMove={(event) => setHovered(at(event))}
          onPointerLeave={() => setHovered(null)}
          onClick={(event) => {
            const channel = at(event as PointerEvent<SVGSVGElement>);
            onSelect?.(channel === selected ? null : channel);
          }}
        >
          {shown !== null && (
            <rect className="strip-cursor" x={(shown * width) / n} width={Math.max(2, width / n)} height={HEIGHT} />
          )}
          <path className="strip-range" d={paths.range} />
          <path className="strip-inside" d={paths.inside} strokeWidth={paths.bar} />
          <path className="strip-outside" d={paths.outside} strokeWidth={paths.bar} />
          <line className="strip-zero" x1={0} x2={width} y1={HEIGHT / 2} y2={HEIGHT / 2} />
        </svg>
      </div>
    </div>
  );
}

function rangeOf(ranges: readonly Range[], channel: number): Range {
  return ranges[channel] ?? ranges[0] ?? { min: 0, max: 0 };
}

function describe(stats: TensorStats, range: Range, channel: number): string {
  return `channel ${channel}: ${real(stats.min)} … ${real(stats.max)}, range ±${real(Math.max(-range.min, range.max))}`;
}

/** One path for all bars inside the range, one for what sticks out, one outline of the ranges: cheap at any width. */
function stripPaths(channels: readonly TensorStats[], ranges: readonly Range[], extent: number, width: number) {
  const slot = width / Math.max(1, channels.length);
  const y = (value: number) => ((1 - value / extent) * HEIGHT) / 2;
  let inside = '';
  let outside = '';
  let range = '';
  channels.forEach(({ min, max }, c) => {
    const x = ((c + 0.5) * slot).toFixed(2);
    const limit = rangeOf(ranges, c);
    const size = Math.max(-limit.min, limit.max);
    const [top, bottom] = [Math.min(max, size), Math.max(min, -size)];
    inside += `M${x} ${y(top).toFixed(1)}V${y(bottom).toFixed(1)}`;
    if (max > size) outside += `M${x} ${y(max).toFixed(1)}V${y(size).toFixed(1)}`;
    if (min < -size) outside += `M${x} ${y(-size).toFixed(1)}V${y(min).toFixed(1)}`;
    const [left, right] = [(c * slot).toFixed(2), ((c + 1) * slot).toFixed(2)];
    range += `M${left} ${y(size).toFixed(1)}H${right}M${left} ${y(-size).toFixed(1)}H${right}`;
  });
  return { inside, outside, range, bar: Math.max(1, Math.min(8, slot * 0.7)) };
}
