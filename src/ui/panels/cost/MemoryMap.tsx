import { useState } from 'react';
import type { ArenaPlan } from '../../../core/cost/arena';
import type { TensorId } from '../../../core/graph/graph';
import { useWidth } from '../../charts/use-width';
import { bytes } from '../../parts/format';

const HEIGHT = 150;

interface Props {
  readonly arena: ArenaPlan;
  /** What runs at each step. */
  readonly ops: readonly string[];
  readonly selected: TensorId | null;
}

/** Every activation as a box: from the op that writes it to the last that reads it, at its place in memory. */
export function MemoryMap({ arena, ops, selected }: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [hovered, setHovered] = useState<TensorId | null>(null);
  const top = Math.max(arena.bytes, arena.lowerBound, 1);
  const slot = width / Math.max(1, arena.live.length);
  const y = (offset: number) => HEIGHT * (1 - offset / top);
  const shown = arena.buffers.find(({ tensor }) => tensor === hovered);
  const fullest = arena.live.indexOf(arena.lowerBound);
  return (
    <div ref={box} className="memory-map">
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`Memory over time: ${arena.buffers.length} activations in ${bytes(arena.bytes)}`}
        onPointerLeave={() => setHovered(null)}
      >
        {arena.buffers.map(({ tensor, offset, bytes: size, first, last }) => (
          <rect
            key={tensor}
            x={first * slot + 0.5}
            width={Math.max(1, (last - first + 1) * slot - 1)}
            y={y(offset + size) + 0.5}
            height={Math.max(1, y(offset) - y(offset + size) - 1)}
            data-selected={tensor === selected}
            data-hovered={tensor === hovered}
            onPointerEnter={() => setHovered(tensor)}
          />
        ))}
        <line x1={0} x2={width} y1={y(arena.lowerBound)} y2={y(arena.lowerBound)} />
      </svg>
      <p className="quiet">
        {shown
          ? `${shown.tensor}: ${bytes(shown.bytes)} at ${bytes(shown.offset)}, step ${shown.first + 1} to ${shown.last + 1}`
          : `${bytes(arena.bytes)} as TFLite Micro’s greedy planner lays it out; at least ${bytes(arena.lowerBound)} are alive at once${fullest >= 0 && ops[fullest] ? `, at ${ops[fullest]}` : ''}.`}
      </p>
    </div>
  );
}
