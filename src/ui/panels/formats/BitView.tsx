import type { AffineParams } from '../../../core/numerics/affine';
import type { NumberFormat } from '../../../core/number-formats/format';
import { describeValue } from '../../../core/number-formats/describe';
import { real } from '../../parts/format';
import { Tip } from '../../parts/Tip';

interface Props {
  readonly format: NumberFormat;
  readonly params: AffineParams;
  readonly value: number | null;
}

/** What becomes of one value: its code, the bits of it by their role, and what it stands for afterwards. */
export function BitView({ format, params, value }: Props) {
  if (value === null)
    return <p className="bit-view quiet">Point at the histogram to see what becomes of a value, bit by bit.</p>;
  const code = describeValue(value, format, params);
  return (
    <p className="bit-view mono">
      {real(value)} →{' '}
      <span className="code">{format.kind === 'int' ? real(code.code) : `0x${code.code.toString(16)}`}</span>{' '}
      {code.fields.map(({ role, bits, meaning }, i) => (
        <Tip key={i} text={`${role}: ${meaning}`}>
          <span className="bits-of" data-role={role}>
            {bits}
          </span>
        </Tip>
      ))}{' '}
      → {real(code.value)} <span className="quiet">(off by {real(code.value - value, 2)})</span>
    </p>
  );
}
