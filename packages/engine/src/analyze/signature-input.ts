import { padHex, type Va } from '../base/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { Frame } from '../unwind/index.ts';
import { bugCheckName } from '../windows/index.ts';
import type { FaultSite } from './fault.ts';
import type { Verdict } from './report.ts';
import type { SignatureInput } from './signature.ts';

/** What a signature is made of, read off the system. */
export const signatureInput = (
  system: CrashedSystem,
  fault: FaultSite | undefined,
  frames: readonly Frame[],
  verdict: Verdict,
): SignatureInput => ({
  name: bugCheckName(system.bugCheck.baseCode) ?? system.bugCheck.name,
  subcode: subcodeOf(system),
  verdict,
  headerSize: system.machine === 'x86' ? 8 : 16,
  faultPlace: fault === undefined ? undefined : faultPlaceOf(system, fault.ip),
  stack: frames.map(({ trust, ip }) => {
    const module = moduleAt(system, ip);
    return { trust, module: module?.name, image: module?.image, place: placeOf(system, ip) };
  }),
});

/** Sub-code or exception code, which tells crashes of one bug check apart. */
function subcodeOf(system: CrashedSystem): string | undefined {
  const index = system.bugCheck.roles.findIndex((role) => role === 'subcode' || role === 'exception-code');
  const value = index < 0 ? undefined : system.target.dump.header.bugCheckParameters[index];
  return value === undefined ? undefined : padHex(value & 0xffff_ffffn, 1);
}

const moduleAt = (system: CrashedSystem, ip: Va): CrashedSystem['modules'][number] | undefined => {
  const base = system.symbols.locate(ip)?.module.base;
  return base === undefined ? undefined : system.modules.find((each) => each.base === base);
};

/** A place as the dump itself names it. Of two modules of one name the second has its base in its name, which is no part of this. */
function placeOf(system: CrashedSystem, ip: Va): string | undefined {
  const place = system.symbols.placeInDump(ip);
  const base = moduleAt(system, ip)?.base;
  return base === undefined ? place : place?.replace(`_${base.toString(16)}`, '');
}

/** Where a fault is; in an unloaded driver by its name. */
const faultPlaceOf = (system: CrashedSystem, ip: Va): string | undefined =>
  placeOf(system, ip) ?? system.symbols.nameOf(ip)?.replace(/\+0x[0-9a-f]+$/, '');
