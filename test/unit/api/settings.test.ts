/** Settings: nix.conf, NIX_CONFIG, numbers with units, what is warned about. */
import { describe, expect, it } from 'vitest';
import { applyConfig, applySetting, defaultSettings } from '../../../src/api/settings.ts';

function apply(text: string, files: Readonly<Record<string, string>> = {}) {
  const settings = defaultSettings('x86_64-linux');
  const warnings = applyConfig(settings, text, 'NIX_CONFIG', (path) => files[path]);
  return { settings, warnings };
}

describe('a configuration', () => {
  it('has comments, included files, lists and numbers', () => {
    const { settings, warnings } = apply('cores = 4 # a comment\n\ninclude more\n!include none\nextra-nix-path = b', {
      more: 'max-call-depth = 2k\nnix-path = a',
    });
    expect(settings.cores).toBe(4);
    expect(settings['max-call-depth']).toBe(2048);
    expect(settings['nix-path']).toEqual(['a', 'b']);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['cores', 'syntax error in configuration line \'cores\' in "NIX_CONFIG"'],
    ['cores 4', 'syntax error in configuration line \'cores 4\' in "NIX_CONFIG"'],
    ['include', 'syntax error in configuration line \'include\' in "NIX_CONFIG"'],
    ['include a b', 'syntax error in configuration line \'include a b\' in "NIX_CONFIG"'],
    ['include /none', 'file "/none" included from "NIX_CONFIG" not found'],
    ['cores = x', "setting 'cores' has invalid value 'x'"],
    ['cores = 1Z', "setting 'cores' has invalid value '1Z'"],
    ['pure-eval = maybe', "Boolean setting 'pure-eval' has invalid value 'maybe'"],
    [
      'lint-url-literals = maybe',
      "setting 'lint-url-literals' has invalid value 'maybe', expected one of: ignore, warn, fatal",
    ],
  ])('%s', (text, message) => {
    expect(() => apply(text)).toThrow(message);
  });

  it.each([
    ['nobody-knows = 1', "unknown setting 'nobody-knows'"],
    ['experimental-features = flakes nobody-knows', "unknown experimental feature 'nobody-knows'"],
    [
      'extra-experimental-features = no-url-literals',
      "experimental feature 'no-url-literals' has been stabilized and renamed; use 'lint-url-literals = fatal' setting instead",
    ],
    [
      'warn-short-path-literals = true',
      "'warn-short-path-literals' is deprecated, use 'lint-short-path-literals = warn' instead",
    ],
  ])('%s', (text, warning) => {
    expect(apply(text).warnings).toEqual([warning]);
  });

  it('knows which settings belong to experimental features, wherever those are enabled', () => {
    const warning = "Ignoring setting 'flake-registry' because experimental feature 'flakes' is not enabled";
    expect(apply('flake-registry = /x')).toMatchObject({ warnings: [warning] });
    const { settings, warnings } = apply('flake-registry = /x\nexperimental-features = flakes');
    expect(warnings).toEqual([]);
    expect(settings['flake-registry']).toBe('/x');
  });

  it('takes what means nothing here without a word', () => {
    const settings = defaultSettings('x86_64-linux');
    expect(applySetting(settings, 'http-connections', '5')).toBeUndefined();
  });
});
