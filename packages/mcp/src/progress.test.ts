import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { tellProgress } from './progress.ts';

type Send = Parameters<typeof tellProgress>[2];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tells once a second, to the end of the call, by the token of the client', () => {
  const send = vi.fn<Send>(async () => undefined);
  const progress = tellProgress('t1', 60, send);
  vi.advanceTimersByTime(2500);
  progress.end();
  vi.advanceTimersByTime(5000);
  const message = (n: number) => `at work for ${n} s, of 60 s at most`;
  expect(send.mock.calls).toStrictEqual([
    [
      {
        method: 'notifications/progress',
        params: { progressToken: 't1', progress: 1, total: 60, message: message(1) },
      },
    ],
    [
      {
        method: 'notifications/progress',
        params: { progressToken: 't1', progress: 2, total: 60, message: message(2) },
      },
    ],
  ]);
});

it('tells nothing to a client that did not ask, and survives one that is gone', () => {
  const send = vi.fn<Send>(() => Promise.reject(new Error('closed')));
  const silent = tellProgress(undefined, 60, send);
  vi.advanceTimersByTime(3000);
  silent.end();
  expect(send).not.toHaveBeenCalled();
  const gone = tellProgress(0, 60, send);
  vi.advanceTimersByTime(1000);
  gone.end();
  expect(send).toHaveBeenCalledOnce();
});
