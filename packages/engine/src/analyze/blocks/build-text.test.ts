import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBuildText, windowsVersion } from './build-text.ts';

describe('parseBuildText', () => {
  it.each([
    [
      '19041.1.amd64fre.vb_release.191206-1406',
      { version: '10.0.19041.1', branch: 'vb_release', built: '2019-12-06T14:06:00Z' },
    ],
    [
      '9200.16384.amd64fre.win8_rtm.120725-1247',
      { version: '6.2.9200.16384', branch: 'win8_rtm', built: '2012-07-25T12:47:00Z' },
    ],
    ['2600.xpsp_sp3_qfe.130704-0421', undefined],
    [
      '22000.1.arm64fre.co_release.999999-9999',
      { version: '10.0.22000.1', branch: 'co_release', built: undefined },
    ],
    ['', undefined],
  ])('%s', (text, parts) => {
    expect(parseBuildText(text)).toEqual(parts);
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseBuildText(text)));
  });
});

describe('windowsVersion', () => {
  it.each([
    [26100, '10.0'],
    [10240, '10.0'],
    [9600, '6.3'],
    [7601, '6.1'],
    [6002, '6.0'],
    [3790, '5.2'],
    [2600, '5.1'],
    [0, undefined],
  ])('%i: %s', (build, version) => {
    expect(windowsVersion(build)).toBe(version);
  });
});
