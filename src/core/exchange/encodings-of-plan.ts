/** A plan as encodings, which other tools read. */
import type { AnyFormat } from '../number-formats/format';
import type { QuantPlan } from '../quantize/plan';
import type { Encoding, Encodings } from './encoding';

/** Absent formats are int8. Only integers have encodings; what else a plan holds is listed in words. */
export function encodingsOfPlan({ activations, weights }: QuantPlan): Encodings {
  const encodings: Encoding[] = [];
  const left: string[] = [];
  const bitsOf = (format: AnyFormat | undefined) => (!format ? 8 : format.kind === 'int' ? format.bits : null);
  for (const { tensor, params, format } of Object.values(activations)) {
    const bits = bitsOf(format);
    if (bits === null) left.push(`${tensor}: codes that are no integers`);
    else encodings.push({ tensor, bits, scale: [...params.scale], zeroPoint: [...params.zeroPoint] });
  }
  for (const { tensor, params, format, block } of Object.values(weights)) {
    const bits = bitsOf(format);
    const { scale, zeroPoint, quantizedDimension: axis } = params;
    if (bits === null) left.push(`${tensor}: codes that are no integers`);
    else if (block !== undefined) left.push(`${tensor}: scales of blocks`);
    else
      encodings.push({ tensor, bits, scale: [...scale], zeroPoint: [...zeroPoint], ...(scale.length > 1 && { axis }) });
  }
  return { encodings, left };
}
