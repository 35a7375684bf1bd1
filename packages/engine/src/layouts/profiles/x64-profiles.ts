import { type Profile, profilesOf } from './profile.ts';
import type { SeriesText } from './series.ts';
import { x64 } from './x64.ts';
import { x64More } from './x64-more.ts';
import { x64MoreRest } from './x64-more-rest.ts';
import { x64Rest } from './x64-rest.ts';

const whole = ({ builds, structures }: SeriesText, rest: string): SeriesText => ({
  builds,
  structures: structures + rest,
});

/** Built-in profiles of x64; several of one build come from different updates of it. */
export const x64Profiles: readonly Profile[] = [
  ...profilesOf('x64', whole(x64, x64Rest), true),
  ...profilesOf('x64', whole(x64More, x64MoreRest), false),
];
