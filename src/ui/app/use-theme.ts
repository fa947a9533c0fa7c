import { useEffect, useSyncExternalStore } from 'react';
import type { Theme } from '../../state/slices/ui';
import { patch } from '../../state/store';
import { useStudio, useStudioStore } from './studio';

const KEY = 'rangefinder.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');

const subscribe = (listener: () => void) => {
  dark.addEventListener('change', listener);
  return () => dark.removeEventListener('change', listener);
};

/** Applies the theme to the document and remembers a choice; 'system' follows the machine. */
export function useTheme(): { readonly theme: Theme; readonly cycle: () => void } {
  const store = useStudioStore();
  const theme = useStudio((state) => state.ui.theme);
  const systemIsDark = useSyncExternalStore(subscribe, () => dark.matches);
  useEffect(() => {
    const stored = localStorage.getItem(KEY);
    if (stored === 'light' || stored === 'dark') patch(store, 'ui', { theme: stored });
  }, [store]);
  useEffect(() => {
    document.documentElement.dataset.theme = theme === 'system' ? (systemIsDark ? 'dark' : 'light') : theme;
  }, [theme, systemIsDark]);
  const cycle = () => {
    const next: Theme = theme === 'system' ? (systemIsDark ? 'light' : 'dark') : theme === 'light' ? 'dark' : 'light';
    localStorage.setItem(KEY, next);
    patch(store, 'ui', { theme: next });
  };
  return { theme, cycle };
}
