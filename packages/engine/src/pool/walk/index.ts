export * from './block-search.ts';
export * from './check-pool.ts';
export * from './find-blocks.ts';
export type { FoundSpecial } from './find-special.ts';
export { countFacts, judgePage, type PageClass, type PageContext } from './judge-page.ts';
export * from './pool-check.ts';
export { addPages, noPages, type PageCounts, PoolPages, type PoolVisitor } from './pool-pages.ts';
export { exactTag, fitsTag, type TagPattern, tagPattern } from './tag-pattern.ts';
