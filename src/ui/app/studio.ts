import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { StudioController } from '../../state/controller';
import type { StudioState, StudioStore } from '../../state/store';

/** Schedules downloads, builds the report: what needs a document or a floor the state does not have. */
export interface StudioHandles {
  readonly store: StudioStore;
  readonly controller: StudioController;
}

export const StudioContext = createContext<StudioHandles | null>(null);

function useHandles(): StudioHandles {
  const handles = useContext(StudioContext);
  if (!handles) throw new Error('outside StudioContext');
  return handles;
}

export function useStudio<T>(selector: (state: StudioState) => T): T {
  return useStore(useHandles().store, selector);
}

export function useController(): StudioController {
  return useHandles().controller;
}

export function useStudioStore(): StudioStore {
  return useHandles().store;
}
