import type { Context, Next } from 'hono';

/**
 * Pages of other addresses that may use the API, with a token: no cookie is sent for them. Without `origins` none may.
 */
export const allowOrigins =
  (origins: readonly string[]) =>
  async (context: Context, next: Next): Promise<Response | undefined> => {
    const origin = context.req.header('origin');
    if (!isAllowedOrigin(origins, context) || origin === undefined) {
      await next();
      return undefined;
    }
    const headers = { 'access-control-allow-origin': origin, vary: 'Origin' };
    if (context.req.method === 'OPTIONS') {
      return new Response(null, {
        status: 204,
        headers: {
          ...headers,
          'access-control-allow-methods': 'GET, POST, DELETE',
          'access-control-allow-headers': 'Authorization, Content-Type',
          'access-control-max-age': '600',
        },
      });
    }
    await next();
    for (const [name, value] of Object.entries(headers)) context.header(name, value);
    return undefined;
  };

/** Is it the page of an address that was named, and of the API? */
export function isAllowedOrigin(origins: readonly string[], context: Context): boolean {
  const origin = context.req.header('origin');
  return origin !== undefined && origins.includes(origin) && context.req.path.startsWith('/api/');
}
