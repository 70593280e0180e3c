import { describe, expect, it } from 'vitest';
import { installationSteps } from './installation-steps';

describe('how the operator installs a package and goes back', () => {
  const of = (layout: Parameters<typeof installationSteps>[0]) => {
    const { copyTo, upgrade, downgrade } = installationSteps(layout, 'dummy', '0.2');
    return { copyTo, upgrade, downgrade: downgrade('0.1') };
  };

  it('on a plain target system: by expressions for its shell', () => {
    expect(of('reltool')).toEqual({
      copyTo: 'releases/dummy_0.2.tar.gz',
      upgrade: [
        'release_handler:unpack_release("dummy_0.2").',
        'release_handler:install_release("0.2").',
        'release_handler:make_permanent("0.2").',
      ],
      downgrade: ['release_handler:install_release("0.1").', 'release_handler:make_permanent("0.1").'],
    });
  });

  it('with relx: by its start script', () => {
    expect(of('relx')).toEqual({
      copyTo: 'releases/0.2/dummy.tar.gz',
      upgrade: ['bin/dummy upgrade 0.2'],
      downgrade: ['bin/dummy downgrade 0.1'],
    });
  });

  it('with mix: by rpc', () => {
    expect(of('mix')).toEqual({
      copyTo: 'releases/dummy_0.2.tar.gz',
      upgrade: [
        `bin/dummy rpc 'IO.inspect(:release_handler.unpack_release(~c"dummy_0.2"))'`,
        `bin/dummy rpc 'IO.inspect(:release_handler.install_release(~c"0.2"))'`,
        `bin/dummy rpc 'IO.inspect(:release_handler.make_permanent(~c"0.2"))'`,
      ],
      downgrade: [
        `bin/dummy rpc 'IO.inspect(:release_handler.install_release(~c"0.1"))'`,
        `bin/dummy rpc 'IO.inspect(:release_handler.make_permanent(~c"0.1"))'`,
      ],
    });
  });
});
