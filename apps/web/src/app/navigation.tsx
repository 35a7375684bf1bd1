import { useEffect, useRef } from 'preact/hooks';
import { hasFleet } from '../fleet/fleet-link.ts';
import { useApp } from './app-context.ts';
import { linkTo, type ViewName } from './route.ts';

interface Entry {
  readonly view: ViewName;
  readonly name: string;
  readonly count?: number | undefined;
}

/** The views, with how much there is in each. */
export function Navigation() {
  const app = useApp();
  const report = app.report.value;
  const current = app.view.value;
  const nav = useRef<HTMLElement>(null);
  // On a phone the views are a strip that is wider than the screen.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  const groups: readonly (readonly Entry[])[] = [
    [
      { view: 'verdict', name: 'Verdict' },
      { view: 'pool', name: 'Pool map' },
      { view: 'tags', name: 'Tags' },
    ],
    [
      { view: 'crash', name: 'Bug check' },
      { view: 'stack', name: 'Stack', count: report?.stack.length },
      { view: 'registers', name: 'Registers' },
    ],
    [
      { view: 'memory', name: 'Memory' },
      { view: 'code', name: 'Code' },
      { view: 'modules', name: 'Modules', count: report?.modules.length },
      { view: 'verifier', name: 'Verifier' },
    ],
    [
      { view: 'console', name: 'Console' },
      { view: 'lab', name: 'Lab' },
    ],
    ...(hasFleet ? [[{ view: 'fleet', name: 'Fleet' }] as const] : []),
  ];
  return (
    <nav aria-label="Views" ref={nav}>
      {groups.map((entries, index) => (
        <ul key={index}>
          {entries.map(({ view, name, count }) => (
            <li key={view}>
              <a href={linkTo(view)} aria-current={view === current ? 'page' : undefined}>
                {name}
                {count !== undefined && <i>{count.toLocaleString('en').replaceAll(',', '\u2009')}</i>}
              </a>
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}
