import type { Part } from '../../core/lessons/schema';
import { hiddenBy, locksOf } from '../../state/slices/lessons';
import { Icon } from '../parts/Icon';
import { useStudio } from './studio';

/** Whether a lesson keeps a part of the page locked until something is predicted. */
export function useLock(part: Part): boolean {
  return useStudio(({ lessons }) => locksOf(lessons).includes(part));
}

/** Whether a lesson takes a part of the page away, because it would say the answer. */
export function useHidden(part: Part): boolean {
  return useStudio(({ lessons }) => hiddenBy(lessons).includes(part));
}

/** Goes onto what is locked: neither pointer nor keyboard reaches into it. */
export const lockedProps = (locked: boolean) => (locked ? ({ inert: true, 'data-lesson-lock': '' } as const) : {});

export function LockNote({ locked }: { readonly locked: boolean }) {
  if (!locked) return null;
  return (
    <p className="lock-note">
      <Icon name="lock" /> Locked until you have predicted.
    </p>
  );
}
