export { BlockCache, blockCacheControls, blockCacheTag } from './block-cache.ts';
export { Myfault, myfaultControls } from './myfault.ts';
