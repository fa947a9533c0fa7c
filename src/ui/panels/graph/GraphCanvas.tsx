import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { lookup } from '../../../base/lookup';
import { useStudio } from '../../app/studio';
import { real } from '../../parts/format';
import { useWidth } from '../../charts/use-width';
import { NODE_HEIGHT, NODE_WIDTH, type Placed } from './layout';
import type { Shade } from './overlay';
import type { GraphEdge, GraphNode, Topology } from './topology';

interface Props {
  readonly topology: Topology;
  readonly placed: Placed;
  readonly shades: ReadonlyMap<string, Shade>;
  readonly selected: string | null;
  readonly search: string;
  readonly onPick: (node: GraphNode) => void;
}

interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

const LEAST_ZOOM = 0.03;
const MOST_ZOOM = 2;
/** Beneath this zoom names cannot be read, and are not drawn. */
const NAMED_ZOOM = 0.45;
/** Drawn beyond the edge, so that a pan finds something there. */
const BEYOND = 120;
const MINIMAP_NODES = 60;
const MINIMAP_WIDTH = 90;

/** Only what is in sight is drawn: a thousand ops stay as smooth as ten. */
export function GraphCanvas({ topology, placed, shades, selected, search, onPick }: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [height, setHeight] = useState(0);
  const [view, setView] = useState<View | null>(null);
  const drag = useRef<{ readonly x: number; readonly y: number; readonly from: View; moved: boolean } | null>(null);
  const byId = useMemo(() => new Map(topology.nodes.map((node) => [node.id, node])), [topology]);
  const nodeOf = useMemo(
    () => new Map(topology.nodes.flatMap((node) => node.layers.map((op) => [op, node.id]))),
    [topology],
  );
  const current = selected === null ? undefined : nodeOf.get(selected);
  const shown = useMemo(
    (): View => view ?? { x: 0, y: 0, zoom: Math.min(1, width / Math.max(1, placed.width)) },
    [view, width, placed],
  );

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);

  const zoomBy = (factor: number, at = { x: width / 2, y: height / 2 }) => {
    const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, shown.zoom * factor));
    setView({ zoom, x: shown.x + at.x / shown.zoom - at.x / zoom, y: shown.y + at.y / shown.zoom - at.y / zoom });
  };
  const centre = (id: string) => {
    const place = placed.nodes.get(id);
    if (!place) return;
    const zoom = Math.max(shown.zoom, 0.7);
    setView({ zoom, x: place.x + NODE_WIDTH / 2 - width / 2 / zoom, y: place.y + NODE_HEIGHT / 2 - height / 2 / zoom });
  };
  // A node chosen elsewhere, and the first one that is searched for, come into sight.
  const query = search.trim().toLowerCase();
  const found = query === '' ? undefined : topology.nodes.find(({ label }) => label.toLowerCase().includes(query))?.id;
  const wanted = found ?? current;
  const centreOn = useRef(centre);
  useEffect(() => void (centreOn.current = centre));
  useEffect(() => {
    if (wanted !== undefined && width > 0 && height > 0) centreOn.current(wanted);
  }, [wanted, width, height, placed]);

  const wheel = useRef<(event: WheelEvent) => void>(() => {});
  useEffect(() => {
    wheel.current = (event) => {
      if (event.ctrlKey) zoomBy(Math.exp(-event.deltaY * 0.003), { x: event.offsetX, y: event.offsetY });
      else setView({ ...shown, x: shown.x + event.deltaX / shown.zoom, y: shown.y + event.deltaY / shown.zoom });
    };
  });
  useEffect(() => {
    const element = box.current;
    // React's wheel listeners are passive; this place scrolls by itself.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      wheel.current(event);
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [box]);

  const { nodes, edges } = useMemo(
    () => inSight(topology, placed, shown, width, height),
    [topology, placed, shown, width, height],
  );
  const near = useMemo(
    () => new Set(topology.edges.flatMap(({ from, to }) => (from === current ? [to] : to === current ? [from] : []))),
    [topology, current],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    const step = (way: 'from' | 'to', other: 'from' | 'to') => {
      const next = topology.edges.find((edge) => edge[way] === current)?.[other];
      const node = next === undefined ? undefined : byId.get(next);
      if (node) onPick(node);
    };
    if (event.key === 'ArrowDown') step('from', 'to');
    else if (event.key === 'ArrowUp') step('to', 'from');
    else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      const at = topology.nodes.findIndex(({ id }) => id === current);
      const node = topology.nodes[at + (event.key === 'ArrowRight' ? 1 : -1)];
      if (node && node.kind !== 'scope') onPick(node);
    } else if (event.key === '+' || event.key === '=') zoomBy(1.3);
    else if (event.key === '-') zoomBy(1 / 1.3);
    else if (event.key === '0') setView(null);
    else return;
    event.preventDefault();
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!drag.current) return;
    const { x, y, from } = drag.current;
    if (Math.hypot(event.clientX - x, event.clientY - y) > 4) drag.current.moved = true;
    if (drag.current.moved)
      setView({ ...from, x: from.x - (event.clientX - x) / from.zoom, y: from.y - (event.clientY - y) / from.zoom });
  };
  return (
    <div
      ref={box}
      className="graph-canvas"
      tabIndex={0}
      role="application"
      aria-label={`Graph of ${topology.nodes.length} nodes. Arrow keys follow its edges, plus and minus zoom, 0 shows all.`}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => (drag.current = { x: event.clientX, y: event.clientY, from: shown, moved: false })}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        // The click that follows a pan is none.
        if (!drag.current?.moved) drag.current = null;
      }}
      onPointerLeave={() => (drag.current = null)}
    >
      <svg width={width} height={height} aria-hidden="true">
        <g transform={`scale(${shown.zoom}) translate(${-shown.x} ${-shown.y})`}>
          {edges.map((edge) => (
            <EdgeLine
              key={edge.id}
              edge={edge}
              points={placed.edges.get(edge.id) ?? []}
              near={edge.from === current || edge.to === current}
              named={shown.zoom > 0.85}
            />
          ))}
          {nodes.map((node) => {
            const { x, y } = placed.nodes.get(node.id)!;
            const shade = node.layers.length === 1 ? shades.get(node.layers[0]) : undefined;
            return (
              <g
                key={node.id}
                className="graph-node"
                data-kind={node.kind}
                data-node={node.id}
                data-current={node.id === current}
                data-near={near.has(node.id)}
                data-found={query !== '' && node.label.toLowerCase().includes(query)}
                transform={`translate(${x} ${y})`}
                onClick={() => {
                  if (drag.current?.moved) drag.current = null;
                  else onPick(node);
                }}
              >
                <rect
                  width={NODE_WIDTH}
                  height={NODE_HEIGHT}
                  rx={6}
                  {...(shade && {
                    style: {
                      fill: `color-mix(in oklab, var(--bad) ${(55 * shade.heat).toFixed(0)}%, var(--good-fill))`,
                    },
                  })}
                />
                {shown.zoom > NAMED_ZOOM && (
                  <>
                    <text x={8} y={17}>
                      {cut(node.label, 20)}
                    </text>
                    <text x={8} y={32} className="detail">
                      {cut(shade ? `${node.detail} · ${shade.text}` : node.detail, 23)}
                    </text>
                  </>
                )}
              </g>
            );
          })}
        </g>
      </svg>
      {topology.nodes.length > MINIMAP_NODES && <Minimap placed={placed} view={shown} width={width} height={height} />}
      <div className="graph-zoom">
        <button type="button" className="button small icon" aria-label="Zoom in" onClick={() => zoomBy(1.3)}>
          +
        </button>
        <button type="button" className="button small icon" aria-label="Zoom out" onClick={() => zoomBy(1 / 1.3)}>
          −
        </button>
        <button
          type="button"
          className="button small"
          onClick={() =>
            setView({
              x: 0,
              y: 0,
              zoom: Math.max(LEAST_ZOOM, Math.min(1, width / placed.width, height / placed.height)),
            })
          }
        >
          All
        </button>
      </div>
    </div>
  );
}

interface EdgeProps {
  readonly edge: GraphEdge;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly near: boolean;
  readonly named: boolean;
}

function EdgeLine({ edge, points, near, named }: EdgeProps) {
  const scale = useStudio(
    ({ results }) => lookup(results.plan?.value.activations, edge.tensor)?.params.scale[0] ?? null,
  );
  const middle = points[Math.floor(points.length / 2)];
  return (
    <g className="graph-edge" data-near={near}>
      <path d={points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')} />
      {(near || named) && middle && (
        <text x={middle.x + 5} y={middle.y - 5}>
          {edge.shape}
          {scale !== null && ` · ${real(scale, 3)}`}
        </text>
      )}
    </g>
  );
}

function Minimap({ placed, view, width, height }: { placed: Placed; view: View; width: number; height: number }) {
  const scale = Math.min(MINIMAP_WIDTH / placed.width, 160 / placed.height);
  const path = useMemo(
    () =>
      [...placed.nodes.values()].map(({ x, y }) => `M${x} ${y}h${NODE_WIDTH}v${NODE_HEIGHT}h-${NODE_WIDTH}z`).join(''),
    [placed],
  );
  return (
    <svg className="graph-minimap" width={placed.width * scale} height={placed.height * scale} aria-hidden="true">
      <g transform={`scale(${scale})`}>
        <path d={path} />
        <rect x={view.x} y={view.y} width={width / view.zoom} height={height / view.zoom} />
      </g>
    </svg>
  );
}

/** What of it is in the window, and a little beyond. */
function inSight(topology: Topology, placed: Placed, view: View, width: number, height: number): Topology {
  const [left, top] = [view.x - BEYOND, view.y - BEYOND];
  const [right, bottom] = [view.x + width / view.zoom + BEYOND, view.y + height / view.zoom + BEYOND];
  const nodes = topology.nodes.filter(({ id }) => {
    const place = placed.nodes.get(id);
    return place && place.x + NODE_WIDTH > left && place.x < right && place.y + NODE_HEIGHT > top && place.y < bottom;
  });
  const edges = topology.edges.filter(({ id }) => {
    const points = placed.edges.get(id) ?? [];
    const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
    return Math.max(...xs) > left && Math.min(...xs) < right && Math.max(...ys) > top && Math.min(...ys) < bottom;
  });
  return { nodes, edges };
}

const cut = (text: string, most: number) => (text.length > most ? `…${text.slice(1 - most)}` : text);
