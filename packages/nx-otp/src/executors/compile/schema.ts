export interface CompileExecutorOptions {
  tool?: 'reltool' | 'mix' | 'rebar3';
  profile?: string;
  environment?: string;
}
