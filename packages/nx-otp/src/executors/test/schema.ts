export interface TestExecutorOptions {
  tool?: 'erlc' | 'mix' | 'rebar3';
}
