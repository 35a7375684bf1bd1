import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { App } from './app-model.ts';

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error('no App around this component');
  return app;
}
