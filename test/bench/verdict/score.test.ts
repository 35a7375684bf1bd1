import type { Report } from '@poolscope/engine';
import type { ScenarioTruth } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { isRight, scoreVerdict } from './score.ts';

const truth: ScenarioTruth = {
  scenario: 'any',
  kind: 'pool-overrun',
  culprit: 'bad.sys',
  block: {
    address: 0x1000n,
    size: 0x40,
    tag: 'Abc ',
    pool: 'nonpaged',
    allocator: 'classic',
    state: 'allocated',
  },
  victims: [{ address: 0x1040n, size: 0x80, state: 'free' }],
  damage: { start: 0x1040n, length: 12, pattern: 'text' },
};

const verdict: Report['verdict'] = {
  kind: 'pool-overrun',
  confidence: 0.9,
  summary: '',
  block: { address: '0x1000', size: 0x40, tag: 'Abc', pool: null, allocator: 'classic', state: 'allocated' },
  victims: [{ address: '0x1040', size: 0x80, tag: null, state: 'free' }],
  damage: { start: '0x1040', length: 12, pattern: 'fill', text: null },
  freedAddress: null,
  suspects: [{ module: 'bad.sys', score: 0.9, because: [] }],
  evidence: [],
  next: [],
  picture: null,
};

describe('a verdict', () => {
  it('that is right is exact in every field', () => {
    expect(new Set(Object.values(scoreVerdict(verdict, truth)))).toEqual(new Set(['exact']));
    expect(isRight(verdict, truth)).toBe(true);
  });

  it.each([
    ['unknown', 'open'],
    ['double-free', 'wrong'],
  ] as const)('of kind %s is %s', (kind, mark) => {
    expect(scoreVerdict({ ...verdict, kind }, truth).kind).toBe(mark);
    expect(isRight({ ...verdict, kind }, truth)).toBe(false);
  });

  it.each([
    [null, 'open'],
    [{ ...verdict.block!, size: null }, 'partial'],
    [{ ...verdict.block!, size: 0x50 }, 'wrong'],
    [{ ...verdict.block!, state: 'free' as const }, 'wrong'],
  ] as const)('with the block %j has it %s', (block, mark) => {
    expect(scoreVerdict({ ...verdict, block }, truth).block).toBe(mark);
  });

  it.each([
    ['0x1040', 12, 'exact'],
    ['0x1040', null, 'partial'],
    ['0x1040', 16, 'wrong'],
    ['0x103e', 14, 'wrong'],
  ] as const)('with damage from %s on, %s bytes, has it %s', (start, length, mark) => {
    const damage = { ...verdict.damage!, start, length };
    expect(scoreVerdict({ ...verdict, damage }, truth).damage).toBe(mark);
  });

  it.each([
    ['0x1040', 12, 'exact'],
    ['0x103e', 16, 'exact'],
    ['0x103e', 14, 'exact'],
    ['0x103d', 17, 'wrong'],
    ['0x103e', 17, 'wrong'],
    ['0x1041', 11, 'wrong'],
    ['0x1040', 11, 'wrong'],
  ] as const)('may count bytes that were so before: from %s on, %s bytes, is %s', (start, length, mark) => {
    const written = { start: 0x103en, length: 16 };
    const wide = { ...truth, damage: { ...truth.damage!, written } };
    const damage = { ...verdict.damage!, start, length };
    expect(scoreVerdict({ ...verdict, damage }, wide).damage).toBe(mark);
  });

  it('about another block is not right', () => {
    expect(isRight({ ...verdict, block: { ...verdict.block!, address: '0x2000' } }, truth)).toBe(false);
    expect(isRight({ ...verdict, block: null }, truth)).toBe(true);
  });

  it('that names what is not there is wrong', () => {
    const { block: _, damage: __, ...rest } = truth;
    const score = scoreVerdict(verdict, { ...rest, culprit: undefined, victims: [] });
    expect([score.block, score.damage, score.victims, score.culprit]).toEqual(Array(4).fill('wrong'));
  });

  it('has to tell the first and the last damaged byte', () => {
    const damage = { ...verdict.damage!, length: 13 };
    expect(scoreVerdict({ ...verdict, damage }, truth).damage).toBe('wrong');
    expect(scoreVerdict({ ...verdict, damage: { ...damage, length: null } }, truth).damage).toBe('partial');
  });

  it('has to accuse the culprit first', () => {
    const other = { module: 'other.sys', score: 0.95, because: [] };
    expect(scoreVerdict({ ...verdict, suspects: [other, ...verdict.suspects] }, truth).culprit).toBe('wrong');
    expect(scoreVerdict({ ...verdict, suspects: [] }, truth).culprit).toBe('open');
  });
});
