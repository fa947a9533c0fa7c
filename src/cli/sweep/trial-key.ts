import { createHash } from 'node:crypto';
import { trialIdentity, type Trial } from '../../core/sweep/trial';

/** SHA-256 of all that a trial's report depends on, in hexadecimal. */
export function trialKey(trial: Trial): string {
  return createHash('sha256').update(trialIdentity(trial)).digest('hex');
}
