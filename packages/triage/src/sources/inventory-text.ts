import type { FleetMachine, LoadedDriver } from '../suspects/index.ts';
import { SourceError } from './source-item.ts';

/** What dumps tell builds of a driver apart by: time stamp and size of the image. Other versions are not known to them. */
const asInDumps = /^[0-9a-f]{8}-[0-9a-f]{1,8}$/i;

const mostMachines = 1_000_000;

/**
 * Machines with their drivers, out of CSV with the columns `machine` and `driver`, and `version` if it is known: one line for each
 * driver of each machine. Errors: SourceError.
 */
export async function readInventoryText(lines: AsyncIterable<string>): Promise<FleetMachine[]> {
  const machines = new Map<string, Map<string, LoadedDriver>>();
  let places: Places | undefined;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const cells = cellsOf(line.replace(/^\uFEFF/, ''));
    if (places === undefined) {
      places = placesIn(cells);
      continue;
    }
    const machine = cells[places.machine]?.trim() ?? '';
    const module = fileNameOf(cells[places.driver] ?? '');
    if (machine === '' || module === '') continue;
    const drivers = machines.get(machine) ?? new Map<string, LoadedDriver>();
    machines.set(machine, drivers);
    if (machines.size > mostMachines) throw wrong(`it has more than ${mostMachines} machines`);
    const version = (places.version === undefined ? '' : (cells[places.version] ?? '')).trim().toLowerCase();
    drivers.set(module, { module, version: asInDumps.test(version) ? version : null });
  }
  if (machines.size === 0) throw wrong('it names no machine with a driver');
  return [...machines].map(([machine, drivers]) => ({ machine, drivers: [...drivers.values()] }));
}

interface Places {
  readonly machine: number;
  readonly driver: number;
  readonly version: number | undefined;
}

function placesIn(cells: readonly string[]): Places {
  const titles = cells.map((cell) =>
    cell
      .replace(/^\uFEFF/, '')
      .trim()
      .toLowerCase(),
  );
  const [machine, driver, version] = ['machine', 'driver', 'version'].map((title) => titles.indexOf(title));
  if (machine === undefined || driver === undefined || machine < 0 || driver < 0)
    throw wrong('its first line does not name the columns machine and driver');
  return { machine, driver, version: version === undefined || version < 0 ? undefined : version };
}

const wrong = (why: string): SourceError => new SourceError('INVENTORY', `no inventory: ${why}`);

/** `\SystemRoot\drivers\A.SYS` and `a` are `a.sys`, as dumps call it. */
function fileNameOf(text: string): string {
  const name = (text.split(/[\\/]/).at(-1) ?? '').trim().toLowerCase();
  return name === '' || name.includes('.') ? name : `${name}.sys`;
}

/** The cells of a line of CSV, of which none holds a line break. */
export function cellsOf(line: string): string[] {
  const cells: string[] = [];
  const cell = /"((?:[^"]|"")*)"[^,]*|[^,]*/y;
  for (let at = 0; at <= line.length; at = cell.lastIndex + 1) {
    cell.lastIndex = at;
    const [plain, quoted] = cell.exec(line) ?? [''];
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
  }
  return cells;
}
