import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSymbolPath, pathText, withoutPassword } from './symbol-path.ts';

const parse = (text: string, platform: NodeJS.Platform = 'linux') =>
  parseSymbolPath(text, {
    defaultCache: platform === 'win32' ? 'C:\\cache' : '/cache',
    platform,
    home: '/home/me',
  });
const folder = (path: string) => ({ kind: 'folder', path });
const server = (url: string) => ({ kind: 'server', url });
const stores = (...places: object[]) => ({ kind: 'stores', places });

describe('parseSymbolPath', () => {
  it.each([
    ['', []],
    [';;', []],
    ['/a;/b', [folder('/a'), folder('/b')]],
    ['srv*/a', [stores(folder('/a'))]],
    ['srv*/a*/b*https://host/sym/', [stores(folder('/a'), folder('/b'), server('https://host/sym'))]],
    ['SRV*/a*HTTP://host', [stores(folder('/a'), server('HTTP://host'))]],
    ['symsrv*symsrv.dll*/a*https://host', [stores(folder('/a'), server('https://host'))]],
    ['srv*https://host', [stores(folder('/cache'), server('https://host'))]],
    ['srv**https://host', [stores(folder('/cache'), server('https://host'))]],
    ['https://host/sym', [stores(folder('/cache'), server('https://host/sym'))]],
    ['cache*', [stores(folder('/cache'))]],
    ['cache*/c;/a', [stores(folder('/c')), folder('/a')]],
    ['cache*/c;srv*https://host', [stores(folder('/c')), stores(folder('/c'), server('https://host'))]],
    ['srv*https://a;cache*/c', [stores(folder('/cache'), server('https://a')), stores(folder('/c'))]],
    ['srv*~/sym*https://host', [stores(folder('/home/me/sym'), server('https://host'))]],
    ['"/a b"; "srv*/b c";""', [folder('/a b'), stores(folder('/b c'))]],
    [' /a ; srv * /b ', [folder('/a'), stores(folder('/b'))]],
  ])('%s', (text, expected) => {
    const { elements, problems } = parse(text);
    expect(elements).toEqual(expected);
    expect(problems).toEqual([]);
  });

  it.each([
    ['C:\\Symbols', 'a path of Windows'],
    ['srv*C:\\Symbols*https://host', 'a path of Windows'],
    ['\\\\server\\share', 'a path of Windows'],
    ['cache*c:/x', 'a path of Windows'],
    ['symsrv*other.dll*/a', 'other.dll'],
    ['symsrv*', 'symsrv'],
    ['sym*/a', 'no symbol path'],
    ['srv*ftp://host', 'no http or https'],
    ['srv*https://host*/a', 'behind a server'],
    ['cache*/a*/b', 'more than one folder'],
  ])('%s is refused', (text, words) => {
    const { elements, problems } = parse(`${text};/kept`);
    expect(elements).toEqual([folder('/kept')]);
    expect(problems).toEqual([expect.stringContaining(words)]);
  });

  it('takes paths of Windows there', () => {
    const { elements, problems } = parse('srv*C:\\Symbols*https://host;\\\\server\\share\\sym', 'win32');
    expect(elements).toEqual([
      stores(folder('C:\\Symbols'), server('https://host')),
      folder('\\\\server\\share\\sym'),
    ]);
    expect(problems).toEqual([]);
  });

  it('reads any text', () => {
    const word = fc.constantFrom(
      'srv',
      'cache',
      'symsrv',
      '*',
      ';',
      'http://',
      'https://h',
      '/',
      '~/',
      'C:\\',
      '?',
    );
    const text = fc.array(fc.oneof(word, fc.string({ maxLength: 4 })), { maxLength: 12 });
    fc.assert(
      fc.property(text, (parts) => {
        const { elements } = parse(parts.join(''));
        const places = elements.flatMap((element) => (element.kind === 'stores' ? element.places : []));
        for (const place of places)
          if (place.kind === 'server') expect(URL.canParse(place.url)).toBe(true);
          else expect(place.path).toMatch(/^\//);
        expect(pathText(elements)).not.toMatch(/:\/\/[^/]*@/);
      }),
    );
  });

  it('needs a cache for what is fetched', () => {
    const { elements, problems } = parseSymbolPath('srv*https://host', { defaultCache: undefined });
    expect(elements).toEqual([stores()]);
    expect(problems).toEqual([expect.stringContaining('names no folder')]);
  });

  it('is shown without passwords and keys', () => {
    expect(pathText(parse('srv*/c*https://me:secret@host/sym?key=secret').elements)).toBe(
      'srv*/c*https://host/sym?...',
    );
    expect(withoutPassword("'srv*ftp://me:secret@host'")).toBe("'srv*ftp://host'");
  });
});
