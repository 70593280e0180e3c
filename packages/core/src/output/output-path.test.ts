import { describe, expect, it } from 'vitest';
import { refuseOutputPath } from './output-path';

describe('an output', () => {
  it.each([
    ['prod', 'prod', 'prod: the output would replace prod, of which it is made. Choose another outputPath.'],
    ['.', 'prod', '.: the output would replace prod, of which it is made. Choose another outputPath.'],
    [
      'prod/../dist',
      'dist/appups',
      'prod/../dist: the output would replace dist/appups, of which it is made. Choose another outputPath.',
    ],
    [
      'prod/upgrade',
      'prod/',
      'prod/upgrade: the output would be written into prod/, of which it is made. Choose another outputPath.',
    ],
    [
      '/srv/prod',
      '/srv/prod/releases',
      '/srv/prod: the output would replace /srv/prod/releases, of which it is made. Choose another outputPath.',
    ],
  ])('at %s is refused beside the input %s', (output, input, message) => {
    expect(() => refuseOutputPath(output, ['/elsewhere', input])).toThrow(message);
  });

  it('may lie beside its inputs, also where names begin alike', () => {
    expect(() =>
      refuseOutputPath('dist/upgrade', [
        'dist/release',
        'dist/upgrade-base',
        'dist/up',
        '../prod',
        '..upgrade',
      ]),
    ).not.toThrow();
  });
});
