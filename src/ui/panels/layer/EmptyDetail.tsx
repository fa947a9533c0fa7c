import { useController, useStudio } from '../../app/studio';

/** The first screen without a sample, and the moment before one is open. */
export function EmptyDetail() {
  const controller = useController();
  const opening = useStudio((state) => state.model.opening);
  const waiting = useStudio((state) => state.data.waiting);
  const samples = useStudio((state) => state.samples.list);
  return (
    <section className="panel empty-detail" aria-label="Start">
      <svg viewBox="0 0 240 90" aria-hidden="true">
        <path
          d="M4 80C60 80 70 10 120 10s60 70 116 70"
          fill="var(--float-fill)"
          stroke="var(--float)"
          strokeWidth="2"
        />
        <path d="M62 4v78M178 4v78" stroke="var(--quant)" strokeWidth="2" />
      </svg>
      {opening !== null ? (
        <h2>Opening {opening}</h2>
      ) : (
        <>
          <h2>{waiting === null ? 'Drop a model and data anywhere' : `Now a model for “${waiting}”`}</h2>
          <p>
            Rangefinder calibrates it, quantizes it to int8, shows what that does to every layer, and hands you a{' '}
            <span className="mono">.tflite</span> checked in the real runtime. Nothing is uploaded.
          </p>
          {samples.length > 0 && (
            <ul>
              {samples.map(({ id, title, description }) => (
                <li key={id}>
                  <button type="button" className="button" onClick={() => void controller.opener.openSample(id)}>
                    {title}
                  </button>
                  <span className="quiet">{description}</span>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}
