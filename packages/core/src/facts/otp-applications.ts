/**
 * The applications of OTP 18 to 28 and of Elixir. They change only with another OTP or Elixir, and ship without debug
 * info or with appups of their own: facts of them would be many and of no use.
 */
export const distributionApplications: ReadonlySet<string> = new Set([
  ...['asn1', 'common_test', 'compiler', 'cosEvent', 'cosEventDomain', 'cosFileTransfer', 'cosNotification'],
  ...[
    'cosProperty',
    'cosTime',
    'cosTransactions',
    'crypto',
    'debugger',
    'dialyzer',
    'diameter',
    'edoc',
    'eldap',
  ],
  ...['erl_docgen', 'erl_interface', 'erts', 'et', 'eunit', 'ftp', 'gs', 'hipe', 'ic', 'inets', 'jinterface'],
  ...['kernel', 'megaco', 'mnesia', 'observer', 'odbc', 'orber', 'os_mon', 'ose', 'otp_mibs', 'parsetools'],
  ...[
    'percept',
    'public_key',
    'reltool',
    'runtime_tools',
    'sasl',
    'snmp',
    'ssh',
    'ssl',
    'stdlib',
    'syntax_tools',
  ],
  ...['test_server', 'tftp', 'tools', 'typer', 'webtool', 'wx', 'xmerl'],
  ...['eex', 'elixir', 'ex_unit', 'iex', 'logger', 'mix'],
]);
