import { useEffect } from 'preact/hooks';
import { ConsoleDock } from '../console/console-dock.tsx';
import { DropArea } from '../open/drop-area.tsx';
import { OpenScreen } from '../open/open-screen.tsx';
import { useApp } from './app-context.ts';
import { Header } from './header.tsx';
import { Navigation } from './navigation.tsx';
import { needsNoDump } from './route.ts';
import { ViewSwitch } from './view-switch.tsx';

/** The window: what is open, or the way to open something. */
export function Shell() {
  const app = useApp();
  const { kind } = app.phase.value;
  const view = app.view.value;
  const name = app.opened.value?.name;
  useEffect(() => {
    document.title = name === undefined ? 'poolscope' : `${name} - poolscope`;
  }, [name]);
  const isOpen = kind === 'open';
  return (
    <DropArea>
      <div class={`app ${isOpen ? '' : 'app-closed'}`} data-view={view}>
        <a class="skip" href="#main" onClick={skipToMain}>
          Skip to the view
        </a>
        <Header />
        {isOpen && <Navigation />}
        {/* What is open takes the place of the way to open it: nothing of that moves. */}
        <main key={isOpen ? 'open' : 'closed'} id="main" tabIndex={-1}>
          {isOpen || needsNoDump(view) ? <ViewSwitch view={view} /> : <OpenScreen />}
        </main>
        {isOpen && <ConsoleDock />}
      </div>
    </DropArea>
  );
}

function skipToMain(event: Event): void {
  event.preventDefault();
  const main = document.getElementById('main');
  if (main?.checkVisibility() === true) main.focus();
  else document.getElementById('command')?.focus();
}
