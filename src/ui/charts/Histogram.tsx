/**
 * One distribution with its clip handles.
 *
 * Plain SVG and not Recharts, by profile: a chart of 137 bars takes Recharts a frame at best and 83 ms at worst (p95) to
 * draw anew, which a zoom asks for on every wheel tick. One path takes a fraction of a millisecond. The float bars are
 * memoised and a drag never touches them: it redraws the overlay (quantized outline, shades, handles) alone.
 */
import {
  memo,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from 'react';
import type { Histogram as HistogramData, Range } from '../../core/calibration/types';
import { rebin } from '../../core/calibration/rebin';
import { countScale, stepPath, type Scale } from './bars';
import { ClipLayer, type Part } from '../panels/layer/ClipLayer';
import { pixelToValue, ticks, tickText, valueToPixel, within, zoom, type View } from './geometry';
import { quantizedCounts } from '../panels/layer/live';
import { useWidth } from './use-width';

const HEIGHT = 150;
const AXIS = 20;
const BAR_WIDTH = 4;

interface Props {
  readonly label: string;
  readonly histogram: HistogramData;
  readonly full: View;
  readonly log: boolean;
  /** What is quantized with which range: the tensor, or each channel with its own. */
  readonly parts: readonly Part[];
  readonly range: Range | null;
  readonly symmetric: boolean;
  /** Why the handles cannot be moved; null when they can. */
  readonly locked: string | null;
  readonly onDrag: (range: Range) => void;
  readonly onRelease: () => void;
  readonly onTakeBack: () => void;
  /** Trained values are held against these: float ones, and how they were quantized without training. */
  readonly before: Before | null;
  /** Where training has the range at the moment. */
  readonly training: Range | null;
  /** Drawn beneath, on the same axis. */
  readonly below?: (frame: Frame) => ReactNode;
}

export interface Before {
  readonly histogram: HistogramData;
  readonly parts: readonly Part[];
}

export interface Frame {
  readonly view: View;
  readonly width: number;
  /** The value under the pointer. */
  readonly pointed: number | null;
}

export function Histogram(props: Props) {
  const { label, full, log, parts, range, symmetric, locked, onDrag, onRelease, onTakeBack, before, training, below } =
    props;
  const histogram = before?.histogram ?? props.histogram;
  const [box, width] = useWidth<HTMLDivElement>();
  const plot = useRef<SVGSVGElement>(null);
  const [zoomed, setZoomed] = useState<View | null>(null);
  const [brush, setBrush] = useState<readonly [number, number] | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const view = useMemo(() => (zoomed ? within(zoomed, full) : full), [zoomed, full]);
  const bins = Math.max(16, Math.floor(width / BAR_WIDTH));
  const counts = useMemo(() => rebin(histogram, view.lo, view.hi, bins), [histogram, view, bins]);
  const scale = useMemo(() => countScale(counts, log), [counts, log]);

  const setView = (next: View) => setZoomed(next.hi - next.lo >= (full.hi - full.lo) * 0.999 ? null : next);
  const wheel = useRef<(event: WheelEvent) => void>(() => {});
  useEffect(() => {
    wheel.current = (event) => {
      const anchor = pixelToValue(view, width, event.offsetX);
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      const shift = (event.deltaX / width) * (view.hi - view.lo);
      setView(
        sideways
          ? within({ lo: view.lo + shift, hi: view.hi + shift }, full)
          : zoom(view, anchor, Math.exp(event.deltaY * 0.0015), full),
      );
    };
  });
  useEffect(() => {
    const element = plot.current;
    if (!element) return;
    // The wheel scrolls the page; with Ctrl, as a pinch on a touchpad comes too, it zooms here and not the whole page.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      wheel.current(event);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  const position = (event: PointerEvent<SVGSVGElement>) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    return Math.min(width, Math.max(0, event.clientX - left));
  };
  const endBrush = () => {
    if (!brush) return;
    const [from, to] = [Math.min(...brush), Math.max(...brush)];
    if (to - from > 6) setView({ lo: pixelToValue(view, width, from), hi: pixelToValue(view, width, to) });
    setBrush(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const centre = (view.lo + view.hi) / 2;
    if (event.key === '+' || event.key === '=') setView(zoom(view, centre, 0.8, full));
    else if (event.key === '-') setView(zoom(view, centre, 1.25, full));
    else if (event.key === '0') setZoomed(null);
    else return;
    event.preventDefault();
  };

  return (
    <div className="histogram" ref={box} onKeyDown={onKeyDown} data-trained={before !== null}>
      <svg
        ref={plot}
        width={width}
        height={HEIGHT + AXIS}
        role="group"
        aria-label={`${label}: histogram from ${tickText(view.lo, [view.lo, view.hi])} to ${tickText(view.hi, [view.lo, view.hi])}`}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setBrush([position(event), position(event)]);
        }}
        onPointerMove={(event) => {
          if (brush) setBrush([brush[0], position(event)]);
          if (below) setPointed(pixelToValue(view, width, position(event)));
        }}
        onPointerLeave={() => setPointed(null)}
        onPointerUp={endBrush}
        onPointerCancel={() => setBrush(null)}
        onDoubleClick={() => setZoomed(null)}
      >
        {width > 0 && (
          <>
            <FloatBars counts={counts} scale={scale} width={width} view={view} />
            {before && <UntrainedOutline parts={before.parts} scale={scale} width={width} view={view} bins={bins} />}
            <ClipLayer
              label={label}
              parts={parts}
              range={range}
              symmetric={symmetric}
              locked={locked}
              view={view}
              scale={scale}
              bins={bins}
              width={width}
              height={HEIGHT}
              onDrag={onDrag}
              onRelease={onRelease}
              onTakeBack={onTakeBack}
            />
            {training && <TrainingRange range={training} width={width} view={view} />}
          </>
        )}
        {brush && (
          <rect className="brush" x={Math.min(...brush)} width={Math.abs(brush[1] - brush[0])} y={0} height={HEIGHT} />
        )}
      </svg>
      {zoomed && (
        <button type="button" className="button small zoom-reset" onClick={() => setZoomed(null)}>
          Show all
        </button>
      )}
      {width > 0 && below?.({ view, width, pointed })}
    </div>
  );
}

/** A range that moves by itself while it is trained; not to be taken hold of. */
function TrainingRange({ range, width, view }: { range: Range; width: number; view: View }) {
  const at = (value: number) => Math.min(width, Math.max(0, valueToPixel(view, width, value))).toFixed(1);
  return (
    <g className="training-range" data-look="dashed" data-of="qat">
      <line x1={at(range.min)} x2={at(range.min)} y1={0} y2={HEIGHT} />
      <line x1={at(range.max)} x2={at(range.max)} y1={0} y2={HEIGHT} />
    </g>
  );
}

interface OutlineProps extends Omit<FloatBarsProps, 'counts'> {
  readonly parts: readonly Part[];
  readonly bins: number;
}

const UntrainedOutline = memo(function UntrainedOutline({ parts, scale, width, view, bins }: OutlineProps) {
  const path = useMemo(
    () => stepPath(quantizedCounts(parts, view, bins), scale, { width, height: HEIGHT }),
    [parts, view, bins, scale, width],
  );
  return <path className="untrained-outline" data-look="dashed" data-of="quant" d={path} />;
});

interface FloatBarsProps {
  readonly counts: Float64Array;
  readonly scale: Scale;
  readonly width: number;
  readonly view: View;
}

const FloatBars = memo(function FloatBars({ counts, scale, width, view }: FloatBarsProps) {
  const path = useMemo(() => stepPath(counts, scale, { width, height: HEIGHT }), [counts, scale, width]);
  const shown = ticks(view, width / 90);
  return (
    <g className="float-bars">
      {shown.map((value) => {
        const x = valueToPixel(view, width, value);
        return (
          <g key={value} transform={`translate(${x.toFixed(1)} 0)`}>
            <line y1={0} y2={HEIGHT + 4} data-zero={value === 0} />
            <text y={HEIGHT + 16} textAnchor={x < 20 ? 'start' : x > width - 20 ? 'end' : 'middle'}>
              {tickText(value, shown)}
            </text>
          </g>
        );
      })}
      <path d={path} />
      <line className="ground" x1={0} x2={width} y1={HEIGHT} y2={HEIGHT} />
      {scale.cut && (
        <text className="cut" x={width / 2} y={11} textAnchor="middle">
          ↑ tallest bar cut off
        </text>
      )}
    </g>
  );
});
