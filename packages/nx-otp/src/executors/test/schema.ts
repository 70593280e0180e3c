export interface TestExecutorOptions {
  tool?: 'erlc' | 'rebar3' | 'mix';
  modules?: string[];
  args?: string[];
  outputPath?: string;
  environment?: string;
  profile?: string;
  application?: string;
  umbrella?: string;
}
