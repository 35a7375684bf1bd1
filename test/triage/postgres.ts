import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A PostgreSQL of the tests' own: its data in a temporary folder, its port on the loopback only. */
export interface TestPostgres {
  readonly url: string;
  /** For this machine, also where `url` leads through another network. */
  readonly localUrl: string;
  /** Stops it as a crash does, and starts it again. */
  restart(): void;
  stop(): void;
}

/** Why no PostgreSQL can be started here; undefined where one can. */
export const whyNoPostgres: string | undefined = (() => {
  if (process.platform === 'win32') return 'the tests start PostgreSQL on Unix only';
  if (binaries() === undefined) return 'there is no initdb in PATH or /usr/lib/postgresql';
  if (process.getuid?.() === 0 && serverUser() === undefined)
    return 'PostgreSQL does not run as root, and there is no user postgres or nobody with setpriv';
  return undefined;
})();

function binaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((one, other) => Number(other) - Number(one))
    : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

function serverUser(): User | undefined {
  if (spawnSync('setpriv', ['--version']).status !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const id = (flag: string) => spawnSync('id', [flag, name], { encoding: 'utf8' });
    const [uid, gid] = [id('-u'), id('-g')];
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  return undefined;
}

/** A namespace of the network, and the address that PostgreSQL has in it. */
export interface PostgresPlace {
  readonly namespace: string;
  readonly address: string;
}

/** Starts one. Slow disks need not be waited for: nothing of it is kept. */
export async function startPostgres(place?: PostgresPlace): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-pg-'));
  const user = process.getuid?.() === 0 ? serverUser() : undefined;
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const bin = binaries()!;
  const run = (program: string, args: readonly string[]) => {
    const inside = place === undefined ? [] : ['ip', 'netns', 'exec', place.namespace];
    const as =
      user === undefined ? [] : ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
    const [command, ...rest] = [...inside, ...as, join(bin, program), ...args];
    execFileSync(command!, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder });
  };
  const data = join(folder, 'data');
  const port = await freePort();
  run('initdb', ['-D', data, '-U', 'tester', '-A', 'trust', '-N', '-E', 'UTF8', '--no-locale']);
  const host = place?.address ?? '127.0.0.1';
  if (place !== undefined) appendFileSync(join(data, 'pg_hba.conf'), `host all all ${host}/24 trust\n`);
  const settings = `-p ${port} -k ${folder} -h ${host} -c fsync=off -c full_page_writes=off`;
  const start = () =>
    run('pg_ctl', ['-D', data, '-w', '-t', '30', '-l', join(folder, 'log'), '-o', settings, 'start']);
  const stop = () => run('pg_ctl', ['-D', data, '-w', '-m', 'immediate', 'stop']);
  start();
  return {
    url: `postgres://tester@${host}:${port}/postgres`,
    localUrl: `postgres://tester@localhost:${port}/postgres?host=${encodeURIComponent(folder)}`,
    restart: () => {
      stop();
      start();
    },
    stop: () => {
      stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
