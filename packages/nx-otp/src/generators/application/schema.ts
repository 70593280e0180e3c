export interface ApplicationGeneratorOptions {
  directory: string;
  name?: string;
  language?: 'erlang' | 'elixir';
  supervisor?: boolean;
}
