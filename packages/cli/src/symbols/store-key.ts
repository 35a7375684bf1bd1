export { isSafeName, packedName, type StoreKey, storeFolder, storeKeys } from '@poolscope/engine';
