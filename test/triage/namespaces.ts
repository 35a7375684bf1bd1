import { execFileSync, spawnSync } from 'node:child_process';

/** Two networks with one cable between them, which can be pulled out. */
export interface Networks {
  /** Names of the namespaces, and the address of the first. */
  readonly one: string;
  readonly other: string;
  readonly address: string;
  pull(): void;
  plug(): void;
  remove(): void;
}

const ip = (...args: readonly string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

const names = (): [string, string] => [`psc-one-${process.pid}`, `psc-other-${process.pid}`];

/** Why there can be none here; undefined where there can. */
export const whyNoNetworks: string | undefined = (() => {
  const [name] = names();
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'needs the right to make networks: root';
  const run = spawnSync('ip', ['netns', 'exec', name, 'ip', 'link', 'add', 'psc-try', 'type', 'veth']);
  spawnSync('ip', ['netns', 'del', name]);
  return run.status === 0 ? undefined : 'the kernel makes no pairs of virtual networks';
})();

/** Errors: those of `ip`. */
export function makeNetworks(): Networks {
  const [one, other] = names();
  const subnet = `10.${200 + (process.pid % 50)}.${process.pid % 250}`;
  const inside = (name: string, ...args: readonly string[]) => ip('netns', 'exec', name, 'ip', ...args);
  ip('netns', 'add', one);
  ip('netns', 'add', other);
  inside(one, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'cable', 'netns', other);
  for (const [name, host] of [
    [one, 1],
    [other, 2],
  ] as const) {
    inside(name, 'addr', 'add', `${subnet}.${host}/24`, 'dev', 'cable');
    inside(name, 'link', 'set', 'cable', 'up');
    inside(name, 'link', 'set', 'lo', 'up');
  }
  return {
    one,
    other,
    address: `${subnet}.1`,
    pull: () => inside(other, 'link', 'set', 'cable', 'down'),
    plug: () => inside(other, 'link', 'set', 'cable', 'up'),
    remove: () => {
      spawnSync('ip', ['netns', 'del', one]);
      spawnSync('ip', ['netns', 'del', other]);
    },
  };
}
