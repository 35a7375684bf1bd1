import { render } from 'preact';
import { AppContext } from './app/app-context.ts';
import { App } from './app/app-model.ts';
import { Shell } from './app/shell.tsx';
import './styles/index.css';

const app = new App();
const root = document.getElementById('app');
if (root !== null)
  render(
    <AppContext.Provider value={app}>
      <Shell />
    </AppContext.Provider>,
    root,
  );
