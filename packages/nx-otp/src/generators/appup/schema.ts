export interface AppupGeneratorOptions {
  project: string;
  application?: string;
  force?: boolean;
}
