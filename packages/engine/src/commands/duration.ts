import { padHex } from '../base/index.ts';

const perMillisecond = 10_000n;
const perDay = 86_400_000n;

/** Hundreds of nanoseconds in the debugger's form: `00:00:01.046`, `1 Day 00:00:01.046`. */
export function durationText(time: bigint): string {
  const milliseconds = time / perMillisecond;
  const days = milliseconds / perDay;
  const clock = clockText(Number(milliseconds % perDay));
  return days === 0n ? clock : `${days} ${days === 1n ? 'Day' : 'Days'} ${clock}`;
}

/** Clock ticks as a time; as a number where the length of a tick is not in the dump. */
export function ticksText(ticks: number, tick: number | undefined): string {
  if (tick !== undefined) return durationText(BigInt(ticks) * BigInt(tick));
  return `${ticks} ${ticks === 1 ? 'tick' : 'ticks'} (how long one is, this dump does not tell)`;
}

/** How long ago: `0:00:00:00.593`, days first. */
export function agoText(ticks: number, tick: number): string {
  const milliseconds = (BigInt(ticks) * BigInt(tick)) / perMillisecond;
  return `${milliseconds / perDay}:${clockText(Number(milliseconds % perDay))}`;
}

function clockText(milliseconds: number): string {
  const two = (value: number): string => Math.floor(value).toString().padStart(2, '0');
  const seconds = Math.floor(milliseconds / 1000);
  const rest = (milliseconds % 1000).toString().padStart(3, '0');
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}.${rest}`;
}

/** An ID, or `????` when it is not known. */
export const idText = (id: bigint | undefined): string => (id === undefined ? '????' : padHex(id, 4));
