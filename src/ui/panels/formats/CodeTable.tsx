import { useState } from 'react';
import type { AffineParams } from '../../../core/numerics/affine';
import { bitsOf, type NumberFormat } from '../../../core/number-formats/format';
import { codecOf } from '../../../core/number-formats/codecs';
import { describeCode } from '../../../core/number-formats/describe';
import { real } from '../../parts/format';
import { Tip } from '../../parts/Tip';

interface Props {
  readonly format: NumberFormat;
  readonly params: AffineParams;
}

/** Formats of more bits have more codes than anybody reads. */
const MOST_BITS = 8;

/** Every code, its bits and what it stands for under the range in effect. */
export function CodeTable({ format, params }: Props) {
  const [open, setOpen] = useState(false);
  if (bitsOf(format) > MOST_BITS) return null;
  return (
    <details className="code-table" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>All {codecOf(format).codes().length} codes</summary>
      {open && (
        <div className="scroll" tabIndex={0} role="region" aria-label="Codes">
          <table>
            <thead>
              <tr>
                <th scope="col">Code</th>
                <th scope="col">Bits</th>
                <th scope="col">Value</th>
              </tr>
            </thead>
            <tbody className="mono">
              {Array.from(codecOf(format).codes(), (code) => {
                const { fields, value } = describeCode(code, format, params);
                return (
                  <tr key={code}>
                    <td>{format.kind === 'int' ? real(code) : `0x${code.toString(16).padStart(2, '0')}`}</td>
                    <td>
                      {fields.map(({ role, bits, meaning }, i) => (
                        <Tip key={i} text={`${role}: ${meaning}`}>
                          <span className="bits-of" data-role={role}>
                            {bits}
                          </span>
                        </Tip>
                      ))}
                    </td>
                    <td>{real(value)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
