import type { Context } from 'hono';
import type { z } from 'zod';
import type { FleetView } from '../fleet/index.ts';
import type { Database } from '../store/schema.ts';
import type { Events } from './events.ts';
import type { Site } from './site.ts';
import type { Spool } from './spool.ts';
import type { Permission, Person } from './tokens.ts';

/** What answers are made of. */
export interface ServerParts {
  readonly db: Database;
  readonly fleet: FleetView;
  readonly events: Events;
  /** It listens on this machine only: other names in requests are refused. */
  readonly isLocal: boolean;
  /** Where uploads wait; absent where none are taken. */
  readonly spool?: Spool;
  /** The page, where it is built. */
  readonly site?: Site;
  /** Other addresses whose pages may use the API: `https://dash.example`. */
  readonly origins?: readonly string[];
}

export interface Call<Query, Body> {
  readonly parts: ServerParts;
  readonly query: Query;
  readonly body: Body;
  /** Of the path. */
  readonly id: string;
  readonly person: Person;
  readonly context: Context;
}

/** One operation: how it is called, who may, and what it gives. OpenAPI is made of these too. */
export interface Route {
  readonly method: 'get' | 'post' | 'delete';
  /** `{id}` stands for a name that `idShape` checks. */
  readonly path: string;
  readonly summary: string;
  readonly permission: Permission;
  readonly idShape?: z.ZodType<string>;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The body is bytes, and is read by the operation itself. */
  readonly takesBytes?: true;
  /** It stands in the audit log too, though it changes nothing. */
  readonly isNoted?: true;
  readonly answer?: z.ZodType;
  /** Of an answer that is not JSON. */
  readonly media?: string;
  handle(call: Call<never, never>): Promise<unknown>;
}

interface RouteOptions<Query extends z.ZodType, Body extends z.ZodType>
  extends Omit<Route, 'handle' | 'query' | 'body'> {
  readonly query?: Query;
  readonly body?: Body;
  /** Data to be sent as JSON, a response, or undefined where there is no such thing. */
  handle(call: Call<z.output<Query>, z.output<Body>>): Promise<unknown>;
}

/** Keeps the types of a route's query and body together. */
export const route = <Query extends z.ZodType, Body extends z.ZodType>(
  options: RouteOptions<Query, Body>,
): Route => options as unknown as Route;
