import type { Report } from '@poolscope/engine';
import { useMemo, useState } from 'preact/hooks';
import { useApp } from '../../app/app-context.ts';
import { linkTo } from '../../app/route.ts';
import { padded } from '../../app/words.ts';
import { FilterBox } from '../../parts/filter-box.tsx';
import { SortHeader } from '../../parts/sort-header.tsx';
import { type Sorting, sorted } from '../../parts/sorting.ts';

type Module = Report['modules'][number];

const columns = {
  name: ({ name }: Module) => name.toLowerCase(),
  image: ({ image }: Module) => image.toLowerCase(),
  base: ({ base }: Module) => base.padStart(18, '0'),
  size: ({ size }: Module) => size,
  timestamp: ({ timestamp }: Module) => (timestamp ?? '').padStart(10, '0'),
  symbols: ({ symbols }: Module) => symbols,
} as const;

type Column = keyof typeof columns;

/** What was loaded, in any order, and what was unloaded before. */
export function ModulesView() {
  const app = useApp();
  const report = app.report.value;
  const [sorting, setSorting] = useState<Sorting<Column>>({ by: 'base', isDown: false });
  const [filter, setFilter] = useState('');
  const modules = report?.modules ?? [];
  const shown = useMemo(
    () =>
      sorted(
        modules.filter(({ name, image }) => `${name} ${image}`.toLowerCase().includes(filter.toLowerCase())),
        columns[sorting.by],
        sorting.isDown,
      ),
    [modules, sorting, filter],
  );
  if (report === undefined) return null;
  const head = { sorting, onSort: setSorting };
  return (
    <div class="view wide">
      <h1>Modules</h1>
      <FilterBox
        hint="Name"
        label="Show modules whose names hold"
        value={filter}
        onFilter={setFilter}
        shown={shown.length}
        all={modules.length}
      />
      <table class="grid">
        <thead>
          <tr>
            <SortHeader {...head} by="name" name="Name" />
            <SortHeader {...head} by="image" name="Image" />
            <SortHeader {...head} by="base" name="Base" />
            <SortHeader {...head} by="size" name="Size" isNumber />
            <SortHeader {...head} by="timestamp" name="Time stamp" />
            <SortHeader {...head} by="symbols" name="Symbols" />
          </tr>
        </thead>
        <tbody>
          {shown.map((module) => (
            <ModuleRow key={module.base} module={module} report={report} />
          ))}
        </tbody>
      </table>
      {report.unloadedModules.length > 0 && <Unloaded report={report} />}
    </div>
  );
}

function ModuleRow({ module, report }: { readonly module: Module; readonly report: Report }) {
  const app = useApp();
  const { name, image, base, size, timestamp, symbols } = module;
  const isSuspect = report.verdict.suspects.some(
    (suspect) => suspect.module.toLowerCase() === image.toLowerCase(),
  );
  return (
    <tr class={isSuspect ? 'suspected' : ''}>
      <td>
        <button type="button" class="run mono" onClick={() => app.runShown(`lmvm ${name}`)}>
          {name}
        </button>
      </td>
      <td>
        {image}
        {isSuspect && <span class="badge">suspect</span>}
      </td>
      <td class="mono">
        <a class="to" href={linkTo('memory', base.slice(2))}>
          {padded(report, base)}
        </a>
      </td>
      <td class="mono number">{size.toString(16)}</td>
      <td
        class="mono dim"
        title="The time of the link, or a hash where the image is built to be reproducible"
      >
        {timestamp === null ? '' : timestamp.slice(2)}
      </td>
      <td class={symbols === 'none' ? 'dim' : ''}>{symbols}</td>
    </tr>
  );
}

function Unloaded({ report }: { readonly report: Report }) {
  return (
    <>
      <h2>Unloaded before</h2>
      <table class="facts">
        <tbody>
          {report.unloadedModules.map(({ name, start, end }, index) => (
            <tr key={index}>
              <td>{name}</td>
              <td class="mono dim">{padded(report, start)}</td>
              <td class="mono dim">{padded(report, end)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
