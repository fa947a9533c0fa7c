/** Runtimes whose arithmetic is known, by the name that targets give it. */
import type { Profile } from '../profile';
import { litertBuiltin, tflm } from './builtin';
import { xnnpack } from './xnnpack';

export type ProfileId = 'litert-xnnpack' | 'litert-builtin' | 'tflm';

export const PROFILES: Readonly<Record<ProfileId, Profile>> = {
  'litert-xnnpack': xnnpack,
  'litert-builtin': litertBuiltin,
  tflm,
};
