/** How the learning rate falls: a factor for the share of all steps that is done, 0 to 1. */
export const SCHEDULES = {
  constant: () => 1,
  /** Half a cosine to zero (Loshchilov and Hutter 2017, without restarts). */
  cosine: (done: number) => (1 + Math.cos(Math.PI * Math.min(1, done))) / 2,
  /** A tenth after half of the steps, a hundredth after three quarters. */
  step: (done: number) => (done < 0.5 ? 1 : done < 0.75 ? 0.1 : 0.01),
} satisfies Record<string, (done: number) => number>;

export type ScheduleId = keyof typeof SCHEDULES;

/** Rates grow in a straight line over the first `share` of all steps. */
export function warmUp(step: number, steps: number, share: number): number {
  const rising = Math.round(share * steps);
  return Math.min(1, (step + 1) / (rising + 1));
}
