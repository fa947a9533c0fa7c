import { useMemo, useRef, type KeyboardEvent, type PointerEvent } from 'react';
import type { Range } from '../../../core/calibration/types';
import { real } from '../../parts/format';
import { combPath, stepPath, type Scale } from '../../charts/bars';
import { keyStep, movedRange, pixelToValue, valueToPixel, type Side, type View } from '../../charts/geometry';
import { codeHistogram, quantizedCounts, type Part } from './live';

export type { Part } from './live';

interface Props {
  readonly label: string;
  readonly parts: readonly Part[];
  readonly range: Range | null;
  readonly symmetric: boolean;
  readonly locked: string | null;
  readonly view: View;
  readonly scale: Scale;
  readonly bins: number;
  readonly width: number;
  readonly height: number;
  readonly onDrag: (range: Range) => void;
  readonly onRelease: () => void;
  /** Escape during a drag. */
  readonly onTakeBack: () => void;
}

const COMB_PIXELS = 4;

/** All that a drag redraws: the quantized values as a comb, the clipped ends shaded, and the two handles. */
export function ClipLayer(props: Props) {
  const { label, parts, range, symmetric, locked, view, scale, bins, width, height, onDrag, onRelease, onTakeBack } =
    props;
  const outline = useMemo(
    () => stepPath(quantizedCounts(parts, view, bins), scale, { width, height }),
    [parts, view, bins, scale, width, height],
  );
  // Codes far enough apart to be seen one by one are drawn as what they are; channels have codes of their own each.
  const only = parts.length === 1 ? codeHistogram(parts[0]) : null;
  const apart = only !== null && (only.width / (view.hi - view.lo)) * width >= COMB_PIXELS;
  const comb = useMemo(
    () => (apart ? combPath(only, scale, view, bins, { width, height }) : null),
    [apart, only, scale, view, bins, width, height],
  );
  const quantized = (
    <>
      <path className="quant-outline" d={outline} data-faint={apart} />
      {comb !== null && <path className="quant-comb" d={comb} />}
    </>
  );
  const dragging = useRef(false);
  if (!range) return quantized;

  const move = (side: Side, value: number) => onDrag(movedRange(range, side, value, symmetric));
  const pixels = { min: valueToPixel(view, width, range.min), max: valueToPixel(view, width, range.max) };
  const inside = (x: number) => Math.min(width, Math.max(0, x));

  const handle = (side: Side) => {
    const x = pixels[side];
    const visible = x >= -1 && x <= width + 1;
    const toValue = (event: PointerEvent<SVGGElement>) => {
      const { left } = event.currentTarget.ownerSVGElement!.getBoundingClientRect();
      return pixelToValue(view, width, inside(event.clientX - left));
    };
    return (
      <g
        className="clip-handle"
        transform={`translate(${inside(x).toFixed(2)} 0)`}
        data-off={!visible}
        role="slider"
        tabIndex={locked === null ? 0 : -1}
        aria-label={`${label}, ${side === 'min' ? 'lower' : 'upper'} clip`}
        aria-disabled={locked !== null}
        aria-valuemin={view.lo}
        aria-valuemax={view.hi}
        aria-valuenow={range[side]}
        aria-valuetext={real(range[side])}
        onPointerDown={(event) => {
          if (locked !== null || event.button !== 0) return;
          event.stopPropagation(); // the plot beneath would begin to zoom
          event.currentTarget.setPointerCapture(event.pointerId);
          event.currentTarget.focus(); // Escape is heard here
          dragging.current = true;
        }}
        onPointerMove={(event) => {
          if (dragging.current) move(side, toValue(event));
        }}
        onPointerUp={() => {
          if (dragging.current) onRelease();
          dragging.current = false;
        }}
        onPointerCancel={() => {
          if (dragging.current) onRelease();
          dragging.current = false;
        }}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key === 'Escape' && dragging.current) {
            dragging.current = false;
            onTakeBack();
            return;
          }
          const step = keyStep(event.key, event.shiftKey, view);
          if (step === null || locked !== null) return;
          event.preventDefault();
          move(side, range[side] + step);
        }}
        onKeyUp={(event) => {
          if (keyStep(event.key, event.shiftKey, view) !== null) onRelease();
        }}
      >
        <rect className="grip-area" x={-9} y={0} width={18} height={height} />
        <line y1={0} y2={height} />
        <path d={side === 'min' ? 'M0 0h9v14l-9 7z' : 'M0 0h-9v14l9 7z'} />
      </g>
    );
  };

  return (
    <g className="clip-layer" data-locked={locked !== null}>
      {quantized}
      <rect className="clipped" x={0} width={inside(pixels.min)} height={height} />
      <rect className="clipped" x={inside(pixels.max)} width={width - inside(pixels.max)} height={height} />
      {handle('min')}
      {handle('max')}
    </g>
  );
}
