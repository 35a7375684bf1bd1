/** The server of this page, where it keeps the reports of a fleet: `poolscope serve` says so in its start page. */

/** Why an answer did not come. */
export class FleetError extends Error {
  override readonly name = 'FleetError';
  /** The server wants to know who asks. */
  readonly isUnknownPerson: boolean;

  constructor(message: string, isUnknownPerson = false) {
    super(message);
    this.isUnknownPerson = isUnknownPerson;
  }
}

const told = document.querySelector<HTMLMetaElement>('meta[name=poolscope-fleet]')?.content;

/** Address of the answers, with a slash at its end; undefined where the server has none. Of this site: a policy allows no other. */
const base = told === undefined ? undefined : new URL(told, location.href.replace(/#.*$/, ''));

export const hasFleet = base !== undefined;

/** Where something of the server is: `fleetAddress('export/buckets.csv')`. */
export const fleetAddress = (path: string): string => new URL(path, base).href;

/** Where people say who they are. */
export const loginAddress = (): string => new URL('/', base).href;

/** The JSON of an answer. Throws a FleetError. */
export async function askFleet<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  const answer = await send(path, signal);
  return (await answer.json()) as Answer;
}

/** A dump that the server keeps. Throws a FleetError. */
export const fetchDump = async (sha256: string): Promise<Blob> => (await send(`dumps/${sha256}/file`)).blob();

async function send(path: string, signal?: AbortSignal): Promise<Response> {
  const answer = await fetch(fleetAddress(path), signal === undefined ? {} : { signal }).catch(
    (error: unknown) => {
      if (signal?.aborted === true) throw error;
      throw new FleetError('the server does not answer');
    },
  );
  if (answer.ok) return answer;
  if (answer.status === 401) throw new FleetError('the server wants to know who asks', true);
  const said = (await answer.json().catch(() => ({}))) as { readonly error?: unknown };
  throw new FleetError(typeof said.error === 'string' ? said.error : `the server answers ${answer.status}`);
}
