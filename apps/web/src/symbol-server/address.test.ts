import { describe, expect, it } from 'vitest';
import { readServerAddress } from './address.ts';

describe('the address of a symbol server', () => {
  it.each([
    ['https://symbols.example', 'https://symbols.example/'],
    [' https://symbols.example/download/symbols ', 'https://symbols.example/download/symbols/'],
    ['http://127.0.0.1:8080/store/', 'http://127.0.0.1:8080/store/'],
    ['srv*C:\\symbols*https://symbols.example/x', 'https://symbols.example/x/'],
    ['SRV*https://symbols.example/x', 'https://symbols.example/x/'],
    ['https://symbols.example/x?y=1#z', 'https://symbols.example/x/'],
  ])('%s', (typed, address) => expect(readServerAddress(typed)).toBe(address));

  it.each([
    '',
    'symbols.example',
    'file:///etc',
    'javascript:alert(1)',
    'https://',
    'https://user:word@symbols.example/',
    'https://symbols.example/ https://other.example/',
    '*',
  ])('is not %s', (typed) => expect(readServerAddress(typed)).toBeUndefined());

  it('cannot say more in a policy than one place', () => {
    const address = readServerAddress("https://symbols.example/a;script-src,*'unsafe-inline'/");
    expect(address).toBe('https://symbols.example/a%3Bscript-src%2C*%27unsafe-inline%27/');
    expect(readServerAddress('https://a.example;connect-src')).toBeUndefined();
  });
});
