/** The parts of nt!NtBuildLab, such as `19041.1.amd64fre.vb_release.191206-1406`. */
export interface BuildParts {
  /** `10.0.19041.1`; only for builds whose first two numbers are known. */
  readonly version: string | undefined;
  readonly branch: string;
  /** ISO 8601; the debugger takes the time as UTC. */
  readonly built: string | undefined;
}

/** Undefined when the text has another form. */
export function parseBuildText(text: string): BuildParts | undefined {
  const parts = /^(\d+)\.(\d+)\.\w+\.(\w+)\.(\d{6})-(\d{4})/.exec(text);
  if (parts === null) return undefined;
  const [, build, revision, branch, date, clock] = parts;
  const version = windowsVersion(Number(build));
  return {
    version: version === undefined ? undefined : `${version}.${build}.${revision}`,
    branch: branch!,
    built: isoTime(date!, clock!),
  };
}

function isoTime(date: string, clock: string): string | undefined {
  const [, year, month, day] = /(..)(..)(..)/.exec(date)!;
  const time = `20${year}-${month}-${day}T${clock.slice(0, 2)}:${clock.slice(2)}:00Z`;
  return Number.isNaN(Date.parse(time)) ? undefined : time;
}

/** Major and minor version by the first build of each. Source: Microsoft's release tables. */
const versions: readonly (readonly [build: number, version: string])[] = [
  [10240, '10.0'],
  [9600, '6.3'],
  [9200, '6.2'],
  [7600, '6.1'],
  [6000, '6.0'],
  [3790, '5.2'],
  [2600, '5.1'],
];

export const windowsVersion = (build: number): string | undefined =>
  versions.find(([first]) => build >= first)?.[1];
