export * from './model';
export { diffReleases } from './diff-releases';
