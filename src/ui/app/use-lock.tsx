import type { Part } from '../../core/lessons/schema';
import { locksOf } from '../../state/slices/lessons';
import { Icon } from '../parts/Icon';
import { useStudio } from './studio';

/** Whether a lesson keeps a part of the page locked until something is predicted. */
export function useLock(part: Part): boolean {
  return useStudio(({ lessons }) => locksOf(lessons).includes(part));
}

/** Goes onto what is locked: neither pointer nor keyboard reaches into it. */
export const lockedProps = (locked: boolean) => (locked ? ({ inert: true, 'data-lesson-lock': '' } as const) : {});

export function LockNote({ locked }: { readonly locked: boolean }) {
  if (!locked) return null;
  return (
    <p className="lock-note">
      <Icon name="pause" /> Locked until you have predicted.
    </p>
  );
}
