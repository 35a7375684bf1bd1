export { ArticleMyfault } from './driver.ts';
export { part1, part2, part3 } from './facts.ts';
export { firstPlaces } from './first-places.ts';
export { returnBlock, secondPlaces, thirdPlaces, thirdPlainPlaces } from './later-places.ts';
