import { describe, expect, it } from 'vitest';
import { systemReason } from './system-reason.ts';

describe('systemReason', () => {
  it.each([
    [{ code: 'EACCES', message: 'EACCES: permission denied' }, 'permission denied'],
    [{ code: 'ENOSPC', message: '' }, 'the disk is full'],
    [{ code: 'EWHATEVER', message: 'something' }, 'EWHATEVER'],
    [{ message: 'something' }, 'something'],
  ])('of %j is %j', (error, reason) => {
    expect(systemReason(Object.assign(new Error(error.message), error))).toBe(reason);
  });
});
