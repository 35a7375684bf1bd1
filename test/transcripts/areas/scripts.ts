import type { Area } from '../dumps.ts';

const walk = `$$ Prints the links of a list, at most so many.
.if (\${/d:$arg2})
{
  r $t0 = \${$arg1}
  .for (r $t1 = 0; @$t1 < \${$arg2}; r $t1 = @$t1 + 1)
  {
    r $t0 = poi(@$t0)
    .if (@$t0 == \${$arg1}) { .break }
    .printf "%d: %p\\n", @$t1, @$t0
  }
}
.else
{
  .echo walk.txt needs a list head and a count
}
`;

/** Control flow, aliases, printing and script files: what works, what a script gets wrong, what is missing in memory. */
const language = [
  '.if (@$ip == 0) { .echo zero } .elsif (1) { .echo somewhere } .else { .echo nowhere }',
  '.for (r $t0 = 0; @$t0 < 4; r $t0 = @$t0 + 1) { .if (@$t0 == 2) { .continue }; .printf "%d ", @$t0 }; .echo done',
  'r $t0 = 0; .while (1) { r $t0 = @$t0 + 1; .if (@$t0 == 3) { .break } }; r $t0',
  'r $t0 = 9; .do { .echo once } (@$t0 < 5)',
  '.foreach (name { lm 1m }) { .printf "%p ${name}\\n", name }',
  '.foreach /pS 1 /ps 1 /s (word "a b c d e") { .echo word; .echo ${word}${word} }',
  '.foreach /f (word "words.txt") { .echo word }',
  '.foreach (word { nosuchcommand }) { .echo word }',
  '.foreach word { r }',
  '.catch { .echo before; db nosuch; .echo not reached }; .echo behind',
  '.catch { .leave; .echo not reached }; .echo behind',
  '.block { dq 0 L1; .echo reached; dq nosuch; .echo not reached }; .echo behind',
  '.break',
  '.if (1) {',
  '.if () { r }',
  'r }',
  "j (1 == 2) '.echo yes'; '.echo no; .echo really'",
  'r $t0 = 0\n.echo turn; r $t0 = @$t0 + 1; z (@$t0 < 3)',
  '* a comment; nosuch',
  '.echo a; $$ a comment; .echo b',
  '.echo "a; b"',
  '.echo "a" b',
  '.printf "%p %x %I64x %d %u %08x|%-6d|%+d\\n", nt, nt, nt, -1, -1, 0n255, 0n42, 0n42',
  '.printf "%y\\n%y\\n", nt!KeBugCheckEx, 5',
  '.printf "%ma|%mu|%msu\\n", nt + 0n78, 0, 8',
  '.printf "no newline"',
  '.printf "%d"',
  '.printf no quotes',
  'as',
  'as Csp dps $csp L2',
  'Csp',
  'aS /x Count 0n1 + 1; .printf "${Count} %d Count\\n", Count',
  'as /c Printed .echo one; .echo two',
  '.echo <${Printed}>',
  '.if ($spat("${Printed}", "*two*")) { .echo both }',
  'as /ma Magic nt',
  'as /msu Missing 0',
  'as /e Home HOME',
  'as asdf x',
  'r $.u0=$csp L1',
  'dps $u0',
  'al',
  '.echo ${Csp} ${/d:Csp} ${/d:Nosuch} ${/n:Csp} ${/v:Csp} [${/f:Nosuch}] ${Nosuch}',
  'ad Csp',
  'ad Csp',
  'ad /q Csp',
  'ad *',
  'al',
  'al x',
  'as Loop .block { Loop }',
  'Loop',
  'ad Loop',
];

/** Commands along a list: whole, in quotes, by a member inside, cut, damaged, wrong arguments. */
const lists = [
  '!list -x "dp" -a "L2" nt!PsLoadedModuleList',
  '!list "-t nt!_LIST_ENTRY.Flink -e -m 2 -x \\"dp @$extret L1; .echo next\\" nt!PsLoadedModuleList"; .echo behind',
  '!list -t nt!_EPROCESS.ActiveProcessLinks.Flink -m 2 -x "!process @$extret 0" @$proc',
  '!list -x "dp" -a "L1" 0',
  '!list -x "dp" -a "L1" nt',
  '!list',
  '!list -t nt!_LIST_ENTRY nt!PsLoadedModuleList',
  '!list -x',
];

const files = [
  '$$>a<walk.txt nt!PsLoadedModuleList 3',
  '$$>a<walk.txt',
  '$<lines.txt',
  '$$><lines.txt; .echo behind',
  '$$><self.txt',
  '$< lines.txt',
  '$< nosuch.txt',
  '$$><',
];

const session = [
  'version',
  'version x',
  '.bugcheck x',
  '.time',
  '.time -h (-8)',
  '.time 8',
  '||',
  '|| 1',
  '.logfile',
  '.logopen crash.txt',
  '.logfile',
  '.logappend /u "other log.txt"',
  '.logopen /t',
  '.logopen /d',
  '.logclose',
  '.logclose',
  '.logopen /x crash.txt',
  '.logappend /x crash.txt',
  '.logclose crash.txt',
  '.logfile crash.txt',
  '.help .foreach',
  '.help as',
  '.help !memusage',
  '.help nosuchcommand',
  '!memusage 2',
  '!kdexts.trap 0',
  'bp nt!KeBugCheckEx',
  'dt nt!_EPROCESS',
  '.reload',
  'vertaget',
  '.foreech',
];

export const area: Area = {
  name: 'scripts',
  files: {
    'walk.txt': walk,
    'words.txt': 'one two\r\nthree\r\n',
    'lines.txt': '.echo one\r\nnosuchcommand\r\n.echo two; .echo three\r\n',
    'self.txt': '$$><self.txt',
  },
  runs: {
    'x64-kernel': [...language, ...lists, ...files, ...session],
    'x64-small': [...language, ...files],
    'x64-header': [...language, ...files, '.time', '||'],
    'x86-full': [...language, ...lists, ...files, '.time', '||'],
    'arm64-small': [...language, '.time', '||'],
  },
};
