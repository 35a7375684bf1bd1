import { PoolType } from '../pool/index.ts';
import type { Chance } from './chance.ts';
import { type Product, poolTypeOf, productNamed, products } from './products.ts';

/** A driver on a machine. */
export interface InstalledDriver {
  /** Without `.sys`. */
  readonly name: string;
  readonly version: string;
}

/** A machine of a fleet, with its drivers. */
export interface FleetMachine {
  /** `PC-0001` */
  readonly name: string;
  readonly build: number;
  readonly drivers: readonly InstalledDriver[];
  /** What kind of dump it is set to write. */
  readonly dump: 'bitmap-kernel' | 'triage';
  readonly hasBadMemory: boolean;
  /** How often it crashes, compared with others. */
  readonly proneness: number;
}

/** A driver that comes with another is on this share of the machines that have that one, and hardly elsewhere. */
const [together, alone] = [0.94, 0.02];

/** What is installed on a machine. Drivers that keep records have company in their pool. */
export function installedOn(chance: Chance): InstalledDriver[] {
  const chosen = new Set<Product>();
  for (const product of products) if (chance.happens(product.share)) chosen.add(product);
  for (const { name, with: partner } of products) {
    const other = partner === undefined ? undefined : productNamed(partner);
    if (other === undefined) continue;
    const isThere = [...chosen].some((each) => each.name === name);
    if (chance.happens(isThere ? together : alone)) chosen.add(other);
    else chosen.delete(other);
  }
  for (const poolType of pools) keepCompany(chance, chosen, poolType);
  return products.filter((each) => chosen.has(each)).map((each) => install(chance, each));
}

const pools: readonly number[] = [PoolType.NonPagedPool, PoolType.NonPagedPoolNx, PoolType.PagedPool];

/** Two drivers at least use each pool: a story needs somebody who is hit. */
function keepCompany(chance: Chance, chosen: Set<Product>, poolType: number): void {
  const users = products.filter((each) => poolTypeOf(each) === poolType);
  const missing = () => users.filter((each) => !chosen.has(each));
  while (users.length - missing().length < 2) chosen.add(chance.byWeight(missing(), ({ share }) => share));
}

/** The newer versions are on most machines. */
function install(chance: Chance, { name, versions }: Product): InstalledDriver {
  return { name, version: chance.byWeight(versions, (version) => 1 + 2 * versions.indexOf(version)) };
}

type Installed = readonly Pick<InstalledDriver, 'name'>[];

/** Is there a driver of this class, whatever it is called? */
export const hasKind = (installed: Installed, kind: NonNullable<Product['kind']>): boolean =>
  installed.some(({ name }) => productNamed(name)?.kind === kind);

/** The same with one more driver, if it is not there. */
export function withDriver(
  chance: Chance,
  installed: readonly InstalledDriver[],
  name: string,
): readonly InstalledDriver[] {
  const product = productNamed(name);
  if (product === undefined || installed.some((each) => each.name === name)) return installed;
  return [...installed, install(chance, product)];
}
