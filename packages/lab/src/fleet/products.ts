import {
  CaptureCard,
  NetWatch,
  PathGuard,
  type RecordDriver,
  SerialRing,
  StreamTag,
  VolMirror,
} from '../drivers/index.ts';
import { Driver } from '../run/index.ts';

type RecordKind = new (variant?: number) => RecordDriver;

/** A driver that can be bought: what it is, how many machines have it, and its versions, oldest first. */
export interface Product {
  /** Name of the image without `.sys`. */
  readonly name: string;
  /** Keeps records in pool, as the driver of this class does; absent: it does nothing. */
  readonly kind?: RecordKind;
  /** Tag of its blocks. */
  readonly tag?: string;
  /** Share of machines that have it. */
  readonly share: number;
  readonly versions: readonly string[];
  /** It comes with another one, and is hardly ever alone. */
  readonly with?: string;
}

const product = (
  name: string,
  share: number,
  versions: string,
  more: Pick<Product, 'kind' | 'tag' | 'with'> = {},
): Product => ({ name, share, versions: versions.split(' '), ...more });

const records = (
  kind: RecordKind,
  ...rows: readonly [string, number, string, string, string?][]
): Product[] =>
  rows.map(([name, share, tag, versions, partner]) =>
    product(name, share, versions, { kind, tag, ...(partner === undefined ? {} : { with: partner }) }),
  );

/** Drivers of a made-up market. Each class of driver that keeps records is sold by several. */
export const products: readonly Product[] = [
  ...records(
    NetWatch,
    ['netwatch', 1, 'NwFl', '6.1.2 6.2.0 6.2.4'],
    ['fwflow', 0.34, 'FwFl', '3.0.1 3.1.0 3.1.7'],
    ['vpnmux', 0.14, 'VpMx', '1.8.0 1.9.3', 'vpntap'],
    ['adfilt', 0.05, 'AdFl', '0.9.1 1.0.0 1.0.2'],
  ),
  ...records(
    VolMirror,
    ['volmirr', 1, 'VmIc', '10.0.1 10.0.6 10.1.0'],
    ['snapvol', 0.42, 'SnVo', '2.2.0 2.3.1'],
    ['cryptvol', 0.11, 'CrVl', '4.0.0 4.1.0 4.1.1 4.2.0'],
  ),
  ...records(
    SerialRing,
    ['serring', 0.9, 'SrRb', '5.2.0 5.3.0'],
    ['gpsport', 0.18, 'GpsP', '1.1.0 1.2.0 1.2.5'],
    ['plcbus', 0.06, 'PlcB', '7.0.3 7.1.0'],
  ),
  ...records(
    StreamTag,
    ['strmtag', 1, 'StCx', '6.3.0 6.3.9'],
    ['dlptag', 0.27, 'DlpT', '2.0.0 2.0.4 2.1.0'],
    ['idxattr', 0.09, 'IdxA', '1.0.0 1.3.0'],
  ),
  ...records(
    PathGuard,
    ['pathgrd', 0.7, 'PgPn', '8.1.0 8.2.0 8.2.3'],
    ['avscan', 0.38, 'AvSc', '12.4.0 12.5.1 12.6.0', 'avnet'],
    ['edrpath', 0.16, 'EdrP', '3.3.0 3.4.0'],
  ),
  ...records(
    CaptureCard,
    ['capcard', 0.5, 'CapB', '2.9.0 2.9.4'],
    ['tvtuner', 0.08, 'TvTb', '1.4.0 1.5.0', 'tvremote'],
    ['audcap', 0.3, 'AuCp', '6.0.0 6.0.8 6.1.0'],
  ),
  product('vpntap', 0.16, '1.8.0 1.9.3'),
  product('avnet', 0.4, '12.4.0 12.6.0'),
  product('tvremote', 0.09, '1.0.0'),
  product('gfxbase', 1, '30.1 31.0 31.2'),
  product('gfxpro', 0.12, '31.0 31.2'),
  product('usbhost', 1, '10.0.1 10.0.6'),
  product('wifibus', 0.75, '22.1 22.3 23.0'),
  product('btaudio', 0.55, '4.1 4.2'),
  product('touchpad', 0.6, '19.0 19.5'),
  product('fprint', 0.25, '2.0 2.1'),
  product('dockhub', 0.2, '1.6 1.7 1.8'),
  product('prnport', 0.33, '5.5'),
  product('raidport', 0.1, '9.1 9.2'),
  product('pentab', 0.04, '6.3 6.4'),
  product('gamepad', 0.07, '1.2'),
  product('vmguest', 0.15, '11.3 12.0'),
  product('backupfs', 0.22, '2.4 2.5'),
  product('cardread', 0.45, '6.2 6.3'),
  product('netboost', 0.13, '3.0 3.1'),
  product('fanctl', 0.17, '1.0 1.1'),
];

export const productNamed = (name: string): Product | undefined =>
  products.find((each) => each.name === name);

/** The pool that it keeps records in; undefined: it keeps none. */
export const poolTypeOf = ({ name }: Product): number | undefined => poolTypes.get(name);

const poolTypes: ReadonlyMap<string, number> = new Map(
  products.flatMap(({ name, kind }) => (kind === undefined ? [] : [[name, new kind().poolType] as const])),
);

/** The driver of a product in a version; the same time stamp on all machines, as for a file that is copied. */
export function driverOf({ name, kind, tag, versions }: Product, version: string): Driver {
  const texts = { Version: `${name} ${version}` };
  const stamp = stampOf(name, versions.indexOf(version));
  return kind === undefined || tag === undefined
    ? new PlainDriver(name, texts, stamp)
    : recordDriver(kind, { name, tag, texts, stamp });
}

interface RecordFacts {
  readonly name: string;
  readonly tag: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly stamp: number;
}

/** What of such a driver is public: a class whose type has abstract members cannot be extended. */
type Public = Pick<RecordDriver, keyof RecordDriver>;

function recordDriver(kind: RecordKind, { name, tag, texts, stamp }: RecordFacts): RecordDriver {
  class Sold extends (kind as new () => Public) {
    override readonly name = name;
    readonly tags = [tag];
    override readonly texts = texts;
    override readonly stamp = stamp;
  }
  return new Sold() as Public as RecordDriver;
}

/** A driver that is in memory and does nothing. */
class PlainDriver extends Driver {
  override readonly name: string;
  override readonly texts: Readonly<Record<string, string>>;
  override readonly stamp: number;

  constructor(name: string, texts: Readonly<Record<string, string>>, stamp: number) {
    super();
    this.name = name;
    this.texts = texts;
    this.stamp = stamp;
  }
}

const firstStamp = 0x6200_0000;
/** Two months. */
const betweenVersions = 0x50_0000;

/** Time stamp of a product's version: another one for each name, later for newer versions. */
export function stampOf(name: string, version: number): number {
  let sum = 0;
  for (const letter of name) sum = (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0;
  return firstStamp + version * betweenVersions + (sum % betweenVersions);
}
