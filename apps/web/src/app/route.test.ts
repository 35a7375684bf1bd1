import { describe, expect, it } from 'vitest';
import { linkTo, readRoute, routeHash } from './route.ts';

describe('links', () => {
  it.each([
    { view: 'verdict', at: '' },
    { view: 'memory', at: 'fffffa8001a1b810' },
    { view: 'code', at: 'nt!KeBugCheckEx+0x12' },
    { view: 'memory', at: 'poi(@rsp)/2 #?&' },
  ] as const)('carry $view $at', (route) => expect(readRoute(routeHash(route))).toEqual(route));

  it.each(['', '#', '#/nonsense/1', '#javascript:alert(1)', '#/memory/%'])(
    '%s leads somewhere all the same',
    (hash) => {
      const { view, at } = readRoute(hash);
      expect(['verdict', 'memory']).toContain(view);
      expect(at).toBe('');
    },
  );

  it('write addresses without a prefix', () => expect(linkTo('memory', 0xffn)).toBe('#/memory/ff'));
});
