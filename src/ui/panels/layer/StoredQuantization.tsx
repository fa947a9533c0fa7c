import type { TensorView } from '../../../jobs/contract/protocol';
import { dimensions, real } from '../../parts/format';
import { Formula } from './Formula';

/** The parameters a file that is quantized already carries for a tensor: shown, not changed. */
export function StoredQuantization({ title, tensor }: { title: string; tensor: TensorView }) {
  const { quant, dtype, shape, id } = tensor;
  const scales = quant ? [...quant.scale] : [];
  const zeros = quant ? [...new Set(quant.zeroPoint)] : [];
  const cells = [
    ['Type', dtype],
    ['Shape', dimensions(shape)],
    ['Scale', scales.length === 0 ? 'none' : scales.length === 1 ? real(scales[0]) : `${scales.length} scales`],
    ['Zero point', zeros.length === 0 ? 'none' : zeros.length === 1 ? real(zeros[0]) : `${zeros.length} values`],
  ] as const;
  return (
    <section className="distribution" aria-label={title}>
      <header>
        <h3>{title}</h3>
        <span className="quiet stats-line">{id}</span>
      </header>
      <div className="figures">
        <dl className="stored">
          {cells.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <p className="formula mono">
          {scales.length === 0 ? (
            'real = value'
          ) : (
            <Formula
              scale={scales.length === 1 ? scales[0] : undefined}
              zeroPoint={zeros.length === 1 ? zeros[0] : undefined}
            />
          )}
          {scales.length > 1 && (
            <span className="quiet">
              , scale {real(Math.min(...scales))} … {real(Math.max(...scales))} along dimension{' '}
              {quant!.quantizedDimension}
            </span>
          )}
        </p>
      </div>
    </section>
  );
}
