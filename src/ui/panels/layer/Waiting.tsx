import type { ReactNode } from 'react';
import { wantsData } from '../../../state/autopilot/next-step';
import { useStudio } from '../../app/studio';

/** In place of an output's distribution: it is on its way, or waits for data. */
export function NoActivations() {
  const wanted = useStudio(wantsData);
  return (
    <Waiting title="Output activations">
      <p className="quiet">
        {wanted ? 'Its values show once there is data.' : 'Calibration has not reached this tensor yet.'}
      </p>
    </Waiting>
  );
}

/** In place of a distribution. */
export function Waiting({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="distribution waiting" aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
