import type { ReactNode } from 'react';
import { useWidth } from '../../charts/use-width';
import { Legend, type LegendItem } from '../../charts/Legend';
import { curvePath, planeOf, type Curve, type Level } from './curves';

const HEIGHT = 150;
const LEFT = 44;
const TOP = 8;
const BOTTOM = 20;

const LOOKS: Readonly<Record<Curve['id'] | Level['id'], Pick<LegendItem, 'look' | 'of'>>> = {
  steps: { look: 'line', of: 'faint' },
  train: { look: 'line', of: 'ink' },
  validation: { look: 'line', of: 'qat' },
  untrained: { look: 'dashed', of: 'quant' },
  float: { look: 'dotted', of: 'float' },
};

interface Props {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly levels: readonly Level[];
  readonly epochs: number;
  /** Values beyond which there are none. */
  readonly limits: readonly [low: number, high: number];
  readonly text: (value: number) => string;
  /** Said where there is nothing to draw. */
  readonly empty: string;
}

/** Curves over epochs. Epoch 0 is the quantized model before training. */
export function CurveChart({ title, curves, levels, epochs, limits, text, empty }: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const size = { width, height: HEIGHT, left: LEFT, top: TOP, bottom: BOTTOM };
  const known = curves.some(({ points }) => points.length > 0);
  const plane = planeOf(curves, levels, epochs, limits, size);
  const newest = curves.map(({ label, points }) => (points.length > 0 ? `${label} ${text(points.at(-1)![1])}` : null));
  return (
    <figure className="curves">
      <figcaption>
        <b>{title}</b>
        <Legend
          items={[
            ...curves.map(({ id, label, points }) => ({
              id,
              ...LOOKS[id],
              label: points.length > 0 ? named(label, text(points.at(-1)![1])) : label,
            })),
            ...levels.map(({ id, label, value }) => ({ id, ...LOOKS[id], label: named(label, text(value)) })),
          ]}
        />
      </figcaption>
      <div ref={box} className="curves-plot">
        {!known && <p className="quiet">{empty}</p>}
        {known && width > 0 && (
          <svg
            width={width}
            height={HEIGHT}
            role="img"
            aria-label={`${title} by epoch: ${newest.filter(Boolean).join(', ')}`}
          >
            {plane.yTicks.map((value) => (
              <g key={value} className="grid-line" transform={`translate(0 ${plane.y(value).toFixed(1)})`}>
                <line x1={LEFT} x2={width} />
                <text x={LEFT - 6} y={4} textAnchor="end">
                  {text(value)}
                </text>
              </g>
            ))}
            {plane.xTicks.map((epoch) => (
              <text key={epoch} className="epoch" x={plane.x(epoch)} y={HEIGHT - 5} textAnchor="middle">
                {epoch}
              </text>
            ))}
            {levels.map(({ id, value }) => (
              <line
                key={id}
                data-look={LOOKS[id].look}
                data-of={LOOKS[id].of}
                x1={LEFT}
                x2={width}
                y1={plane.y(value)}
                y2={plane.y(value)}
              />
            ))}
            {curves.map(({ id, points }) => (
              <g key={id} className="curve" data-look={LOOKS[id].look} data-of={LOOKS[id].of}>
                <path d={curvePath(points, plane)} />
                {id !== 'steps' &&
                  points.map(([epoch, value]) => (
                    <circle key={epoch} cx={plane.x(epoch)} cy={plane.y(value)} r={2.5} />
                  ))}
              </g>
            ))}
          </svg>
        )}
      </div>
    </figure>
  );
}

function named(label: string, value: string): ReactNode {
  return (
    <>
      {label} <b>{value}</b>
    </>
  );
}
