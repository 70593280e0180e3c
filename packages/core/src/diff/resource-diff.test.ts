import { describe, expect, it } from 'vitest';
import { literalTree } from '../../test/releases/literal-tree';
import { readTerms } from '../erlang';
import type { Application, StartType } from '../release';
import { parseAppFile } from '../release/app-file';
import { diffResources } from './resource-diff';

describe('diffResources', () => {
  it('finds nothing where only version, description and modules differ', () => {
    expect(diffResources(dummy('{vsn,"0.1"},{modules,[a]}'), dummy('{vsn,"0.2"},{modules,[b]}'))).toEqual({});
  });

  it('names the keys of the environment that were added, removed or changed', () => {
    expect(
      diffResources(
        dummy('{env,[{port,80},{gone,1},{same,[1,2]}]}'),
        dummy('{env,[{port,8080},{same,[1,2]},{new,x}]}'),
      ),
    ).toEqual({ env: ['gone', 'new', 'port'] });
  });

  it('names the applications that came and went', () => {
    expect(
      diffResources(
        dummy('{applications,[kernel,stdlib,inets]},{registered,[dummy]}'),
        dummy('{applications,[kernel,stdlib,ssl]},{registered,[dummy,dummy_log]}'),
      ),
    ).toEqual({
      applications: { added: ['ssl'], removed: ['inets'] },
      registered: { added: ['dummy_log'], removed: [] },
    });
  });

  it('sees the start type and the start module', () => {
    expect(diffResources(dummy('{mod,{dummy_app,[]}}'), dummy('{mod,{dummy_app,[x]}}', 'transient'))).toEqual(
      { startType: { previous: 'permanent', next: 'transient' }, mod: true },
    );
  });
});

function dummy(properties: string, startType: StartType = 'permanent'): Application {
  // The first of several values of a key counts.
  const text = `{application,dummy,[${properties},{vsn,"0.1"},{description,""},{modules,[]},{registered,[]},{applications,[]}]}.`;
  const resource = parseAppFile(readTerms(text, 'dummy.app'));
  const tree = literalTree('dummy', {});
  const { name, version, includedApplications } = resource;
  return { name, version, startType, includedApplications, resource, libPath: 'lib/dummy', tree };
}
