import { useState } from 'react';
import { codeRange, type IntFormat } from '../../core/number-formats/format';
import { chooseQuantParams } from '../../core/numerics/affine';
import { real } from '../parts/format';

/** Few enough bits to see every step. */
const FORMAT: IntFormat = { kind: 'int', bits: 3, symmetric: false, narrow: false };
const LOWEST = -0.5;
/** What the drawing shows of the number line. */
const SHOWN = { min: -0.7, max: 2 };
const WIDTH = 440;

const place = (value: number) => (WIDTH * (value - SHOWN.min)) / (SHOWN.max - SHOWN.min);

/** A number line with eight codes: a value is moved along it and takes the nearest one, and the range is made wider or narrower. */
export function Ruler() {
  const [value, setValue] = useState(0.7);
  const [top, setTop] = useState(1.25);
  const { scale, zeroPoint } = chooseQuantParams({ min: LOWEST, max: top }, FORMAT);
  const { qmin, qmax } = codeRange(FORMAT);
  const codes = Array.from({ length: qmax - qmin + 1 }, (_, i) => qmin + i);
  const code = Math.min(qmax, Math.max(qmin, Math.round(value / scale) + zeroPoint));
  const rounded = scale * (code - zeroPoint);
  return (
    <div className="ruler">
      <svg viewBox={`0 0 ${WIDTH} 44`} aria-hidden="true">
        <line x1="0" x2={WIDTH} y1="24" y2="24" className="ruler-axis" />
        {codes.map((q) => (
          <g key={q} data-taken={q === code}>
            <line x1={place(scale * (q - zeroPoint))} x2={place(scale * (q - zeroPoint))} y1="16" y2="30" />
            <text x={place(scale * (q - zeroPoint))} y="42" textAnchor="middle">
              {q}
            </text>
          </g>
        ))}
        <path d={`M${place(value)} 14 l-5 -9 h10 Z`} className="ruler-value" />
      </svg>
      <label className="range-input">
        <span>Value</span>
        <input
          type="range"
          min={SHOWN.min}
          max={SHOWN.max}
          step="0.01"
          value={value}
          onChange={({ target }) => setValue(target.valueAsNumber)}
        />
        <output>{real(value, 2)}</output>
      </label>
      <label className="range-input">
        <span>Range up to</span>
        <input
          type="range"
          min="0.25"
          max={SHOWN.max}
          step="0.05"
          value={top}
          onChange={({ target }) => setTop(target.valueAsNumber)}
        />
        <output>{real(top, 2)}</output>
      </label>
      <p role="status">
        {real(value, 2)} takes code <b>{code}</b> = {real(scale, 3)} × ({code} − {zeroPoint}) ={' '}
        <b>{real(rounded, 3)}</b>, off by {real(Math.abs(value - rounded), 2)}
        {Math.abs(value - rounded) > scale / 2 ? ': clipped' : ': rounded'}.
      </p>
    </div>
  );
}
