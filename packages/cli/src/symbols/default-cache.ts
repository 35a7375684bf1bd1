import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where this system keeps caches of programs; undefined where it tells no such place. */
export function defaultCache(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const folder = cacheFolder(env, platform);
  return folder === undefined || folder === '' ? undefined : join(folder, 'poolscope', 'symbols');
}

function cacheFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  if (platform === 'win32') return env['LOCALAPPDATA'];
  const given = env['XDG_CACHE_HOME'];
  // Relative ones are not valid. Source: XDG Base Directory Specification.
  if (given !== undefined && isAbsolute(given)) return given;
  const home = env['HOME'] ?? homedir();
  if (home === '') return undefined;
  return platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
}
