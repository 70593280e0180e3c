export interface BumpVersionsGeneratorOptions {
  project: string;
}
