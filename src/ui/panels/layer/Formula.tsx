import { formulaText } from './formula-text';

/** The general form, and the same with this tensor's numbers as far as there is one of each. */
export function Formula({ scale, zeroPoint }: { scale: number | undefined; zeroPoint: number | undefined }) {
  const own = formulaText(scale, zeroPoint);
  return (
    <>
      real = <span className={own === null ? undefined : 'quiet'}>scale × (q − zeroPoint)</span>
      {own !== null && <span className="nowrap"> = {own}</span>}
    </>
  );
}
