import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colorText, mixColors, packColor, Raster } from './raster.ts';

const paper = packColor('#ffffff');
const ink = packColor('#102030');

const count = ({ pixels }: Raster, color: number): number =>
  pixels.reduce((sum, pixel) => sum + (pixel === color ? 1 : 0), 0);

function blank(width = 40, height = 20): Raster {
  const raster = new Raster(width, height);
  raster.clear(paper);
  return raster;
}

describe('a picture in memory', () => {
  it('fills boxes, and leaves out what is outside', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 90 }),
        fc.integer({ min: -50, max: 90 }),
        fc.nat(60),
        fc.nat(60),
        (x, y, wide, tall) => {
          const raster = blank();
          raster.fill(x, y, x + wide, y + tall, ink);
          const across = Math.max(0, Math.min(40, x + wide) - Math.max(0, x));
          const down = Math.max(0, Math.min(20, y + tall) - Math.max(0, y));
          expect(count(raster, ink)).toBe(across * down);
        },
      ),
    );
  });

  it('has stripes that fit together over neighbours', () => {
    const whole = blank();
    whole.hatch(0, 0, 40, 20, ink, paper, 3);
    const halves = blank();
    halves.hatch(0, 0, 17, 20, ink, paper, 3);
    halves.hatch(17, 0, 40, 20, ink, paper, 3);
    expect(halves.pixels).toEqual(whole.pixels);
    expect(count(whole, ink)).toBeGreaterThan(300);
    expect(count(whole, ink)).toBeLessThan(500);
  });

  it('has patterns that differ from each other', () => {
    const pictures = (['hatch', 'crossHatch', 'dots'] as const).map((pattern) => {
      const raster = blank();
      raster[pattern](0, 0, 40, 20, ink, paper, 6);
      return raster.pixels.join();
    });
    expect(new Set(pictures).size).toBe(3);
  });

  it('outlines the inside of a box, and no more', () => {
    const solid = blank();
    solid.outline(5, 5, 15, 15, ink, 1);
    expect(count(solid, ink)).toBe(36);
    const dashed = blank();
    dashed.outline(5, 5, 15, 15, ink, 1, 3);
    expect(count(dashed, ink)).toBeLessThan(36);
    for (let at = 0; at < dashed.pixels.length; at++)
      if (dashed.pixels[at] === ink) expect(solid.pixels[at]).toBe(ink);
  });
});

describe('colours', () => {
  it.each([
    ['#1c1d1f', '#1c1d1f'],
    ['#fff', '#ffffff'],
    ['rgb(1, 2, 3)', '#010203'],
    ['rgb(10 20 30 / 50%)', '#0a141e'],
    ['', '#000000'],
  ])('%s', (text, packed) => {
    expect(colorText(packColor(text))).toBe(packed);
  });

  it('mix', () => {
    expect(colorText(mixColors(paper, packColor('#000000'), 0.5))).toBe('#808080');
    expect(mixColors(paper, ink, 0)).toBe(paper);
    expect(mixColors(paper, ink, 1)).toBe(ink);
  });
});
