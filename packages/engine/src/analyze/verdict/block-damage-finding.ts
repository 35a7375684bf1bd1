import { examinePlace } from './examine-place.ts';
import type { Finding } from './finding.ts';
import { findPlaces } from './places.ts';
import type { Scene } from './scene.ts';
import { withSuspects } from './with-suspects.ts';

/** The first damaged page of small blocks among the places that the crash points to, and whose the bytes may be. */
export function blockDamageFinding(scene: Scene): Finding | undefined {
  for (const place of findPlaces(scene)) {
    const found = examinePlace(scene, place, place.load?.cell);
    if (found !== undefined) return withSuspects(scene, found);
  }
  return undefined;
}
