import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closestName } from './closest-name.ts';
import { findCommand } from './execute.ts';
import { findNotHere, unknownCommand } from './not-here.ts';
import { commands } from './registry.ts';
import { notHere } from './tables/not-here/index.ts';
import { findScriptWord } from './tables/script-words.ts';

const registered = commands.flatMap(({ names }) => names);
const names = notHere.flatMap((each) => each.names);
const message = (typed: string) => {
  const error = unknownCommand(commands, typed);
  return `${error.code}: ${error.message}`;
};

describe('commands that are not here', () => {
  it('are several hundred, each named once', () => {
    expect(names.length).toBeGreaterThan(500);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('are not here: a name that the console has learned leaves the tables', () => {
    expect(names.filter((name) => registered.includes(name) || findScriptWord(name) !== undefined)).toEqual(
      [],
    );
  });

  it.each(notHere.map((each) => [each.names[0]!, each] as const))(
    '%s is said in a few words and one line',
    (name, each) => {
      expect(each.what.split(' ').length).toBeLessThanOrEqual(6);
      expect(each.what).toMatch(/^[\w.+-]/);
      const text = message(name);
      expect(text).toMatch(/^COMMAND_NOT_HERE: '.+' \(.+\) is not here/);
      expect(text.length - 'COMMAND_NOT_HERE: '.length, text).toBeLessThanOrEqual(150);
    },
  );

  it('are found as they are typed', () => {
    expect(() => findCommand('!locks -v')).toThrow("'!locks' (locks and who holds them) is not here");
    expect(() => findCommand('!kdext*.locks')).toThrow("there is no command '!kdext*.locks'");
    expect(() => findCommand('!wdfkd.wdfdevice 0')).toThrow(
      "'!wdfkd.wdfdevice' (objects of the driver framework)",
    );
    expect(() => findCommand('BP nt!Foo')).toThrow(
      "'BP' (sets a breakpoint) is not here; a dump does not run",
    );
    expect(() => findCommand('t5')).toThrow("'t5' (steps into) is not here");
    expect(() => findCommand('g')).toThrow('runs the target');
    expect(findNotHere('eD')?.names).toContain('eD');
  });

  it('name nearest commands that there are', () => {
    for (const { nearest } of notHere)
      for (const name of nearest) expect(names, `${name} is not here itself`).not.toContain(name);
    expect(message('!trap')).toContain('nearest here: .trap');
    const without = unknownCommand([], '!trap');
    expect(without.message).toBe("'!trap' (a trap frame) is not here");
  });
});

describe('closestName', () => {
  it.each([
    ['vertaget', 'vertarget'],
    ['.bugchekc', '.bugcheck'],
    ['.hepl', '.help'],
    ['!vtopp', '!vtop'],
    ['.EHCO', '.echo'],
    ['nosuchcommand', undefined],
    ['xy', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ])('%s', (word, name) => expect(closestName(word, registered)).toBe(name));

  it('is within two changes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...registered.filter((name) => name.length > 5)),
        fc.nat(),
        (name, seed) => {
          const at = seed % name.length;
          const misspelt = [
            `${name.slice(0, at)}${name.slice(at + 1)}`,
            `${name.slice(0, at)}q${name.slice(at)}`,
          ];
          for (const word of misspelt) expect(closestName(word, [name])).toBe(name);
        },
      ),
    );
  });

  it('says so in the error', () => {
    expect(message('vertaget')).toBe(
      "COMMAND_UNKNOWN: there is no command 'vertaget'; did you mean 'vertarget'?",
    );
    expect(message('.foreech (x { r }) { r }')).toContain("did you mean '.foreach'?");
    expect(message('y'.repeat(500)).length).toBeLessThan(120);
  });
});
