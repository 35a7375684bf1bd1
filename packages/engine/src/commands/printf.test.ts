import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openConsole } from '../../test/console.ts';
import { dmlParts } from './dml.ts';
import { parseFormat } from './printf-format.ts';

const console = await openConsole();
const x86 = await openConsole({ machine: { architecture: 'x86' }, type: 'full' });

describe('.printf', () => {
  it.each([
    ['"plain"', 'plain'],
    ['"%p", nt', 'fffff8041c200000'],
    ['"%x|%X|%d|%u|%i|%o", abc, abc, 0n10, -1, -1, 0n8', 'abc|ABC|10|4294967295|-1|10'],
    ['"%x", nt', '1c200000'],
    ['"%I64x|%I64X|%I64d|%llu", nt, nt, -1, -1', 'fffff8041c200000|FFFFF8041C200000|-1|18446744073709551615'],
    ['"%hx|%hd", 12345, ffff', '2345|-1'],
    ['"[%5d][%-5d][%05d][%+d][% d]", 0n42, 0n42, -0n42, 5, 5', '[   42][42   ][-0042][+5][ 5]'],
    ['"%#x|%#o|%#x|%08x|%.4x", 10, 8, 0, 1f, 1f', '0x10|010|0|0000001f|001f'],
    ['"%*d|%-*d|", 5, 1, 3, 2', '    1|2  |'],
    ['"%c%c%%", 41, 42', 'AB%'],
    ['"%ma|%10ma|%.1ma", nt, nt, nt', 'MZ\x90|       MZ\x90|M'],
    ['"%y", nt!KeBugCheckEx + 1', 'nt!KeBugCheckEx+0x1 (fffff804`1c201011)'],
    ['"%ly", nt', 'nt (fffff804`1c200000)'],
    ['"%y", 5', '00000000`00000005'],
    ['"%N", abc', '0000000000000ABC'],
    ['"%s|%5s", "text", "ab"', 'text|   ab'],
    ['"%s", nt', 'MZ\x90'],
    ['"%f|%.2f|%lf", 40490fdb, 40490fdb, 400921fb`54442d18', '3.141593|3.14|3.141593'],
    ['"%e|%g|%lg", 40490fdb, 40490fdb, 3ff00000`00000000', '3.141593e+000|3.14159|1'],
    [
      '"%E|%g|%f|%lf", 3fc00000, 2edbe6ff, 7f800000, fff80000`00000000',
      '1.500000E+000|1e-010|1.#INF|1.#QNAN',
    ],
    ['"%ma|%msu|%mu", 0, 8, 10', '????|????|????'],
    ['"a\\tb\\\\c\\"d"', 'a\tb\\c"d'],
    ['"%d, %d", (1, 2), 3', undefined],
    ['"%d%d", @@(5), 3', '53'],
    ['"100%"', '100%'],
    ['"%z %d", 1', '%z 1'],
    ['"%d", 1, 2', '1'],
    ['"%d", poi(nt + (1, 2))', undefined],
    ['/D "%d", 1', '1'],
    ['/ow "warned"', 'warned'],
  ])('%s', (args, printed) => {
    const [line] = console.run(`.printf ${args}`);
    if (printed === undefined) expect(line).toMatch(/^[A-Z]+_[A-Z_]+: /);
    else expect(line).toBe(printed);
  });

  it('prints pointers of the target', () => {
    expect(x86.run('.printf "%p", nt')).toEqual([
      x86.session.system.plainText(x86.session.system.kernel!.base),
    ]);
  });

  it.each(['', 'text', '"open', '"%d"', '"%d", ', '"%d" 1', '/q "a"', '"%d", nosuch'])(
    'refuses %j',
    (args) => {
      expect(console.run(`.printf ${args}`)[0]).toMatch(/^(COMMAND_USAGE|NAME_UNKNOWN|EXPRESSION_SYNTAX)/);
    },
  );

  it('keeps the commands of links', () => {
    const { lines } = console.session.execute(
      '.printf /D "<link cmd=\\"lm\\">list</link> <b>now</b>\\n<u>x</u> &lt;"',
    );
    expect(lines).toEqual([
      [{ text: 'list', command: 'lm' }, ' ', { text: 'now', style: 'heading' }],
      ['x', ' <'],
    ]);
  });

  it('ends on any format', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'%-+ #0*.5IhlmsuayxXdpcfeg64"\\n,') }), (format) => {
        expect(() => console.run(`.printf "${format}", 1, 2, nt, 4, 5, 6, 7, 8, 9`)).not.toThrow();
        const parts = parseFormat(format).map((part) => (typeof part === 'string' ? part : part.text));
        expect(parts.join('')).toBe(
          format.replaceAll(/%([-+ #0]*)(\d+|\*)?(\.(\d+|\*)?)?(I64|I32|I|ll|l|hh|h|w)?%/g, '%'),
        );
      }),
    );
  });
});

describe('dmlParts', () => {
  it('keeps all text, whatever the tags', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('<b>', '</b>', '<link cmd="x">', '</link>', 'a', ' ', '</i>', '<col fg="x">'),
        ),
        (pieces) => {
          const text = dmlParts(pieces.join('')).map((part) => (typeof part === 'string' ? part : part.text));
          expect(text.join('').replaceAll(/[^a]/g, '')).toBe(
            pieces.filter((piece) => piece === 'a').join(''),
          );
        },
      ),
    );
  });
});
