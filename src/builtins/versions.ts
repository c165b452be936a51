/**
 * Versions. They are made of components: runs of digits, and runs of anything else but digits, dots and dashes. Comparing
 * goes component by component: numbers by size; "pre" comes before everything, even before nothing; nothing comes before a
 * number; a number comes after any other text. Source: Nix manual, nix-env, "--upgrade".
 */
import { compareBytewise } from '../base/order.ts';
import { NO_POS } from '../errors/position.ts';
import { Attrs } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceStringNoContext } from '../runtime/coerce.ts';
import { Shape } from '../runtime/shape.ts';

export function splitVersion(version: string): string[] {
  return version.match(/[0-9]+|[^0-9.-]+/g) ?? [];
}

/** -1, 0 or 1 */
export function compareVersions(a: string, b: string): -1 | 0 | 1 {
  const x = splitVersion(a);
  const y = splitVersion(b);
  for (let i = 0; i < x.length || i < y.length; i++) {
    const c = x[i] ?? '';
    const d = y[i] ?? '';
    if (componentLess(c, d)) return -1;
    if (componentLess(d, c)) return 1;
  }
  return 0;
}

function componentLess(a: string, b: string): boolean {
  const m = number(a);
  const n = number(b);
  if (m !== undefined && n !== undefined) return m < n;
  if (a === '' && n !== undefined) return true;
  if (a === 'pre' && b !== 'pre') return true;
  if (b === 'pre') return false;
  if (n !== undefined) return true;
  if (m !== undefined) return false;
  return compareBytewise(a, b) < 0;
}

/** Numbers that do not fit 32 bits are compared as text. */
function number(component: string): number | undefined {
  if (!/^[0-9]+$/.test(component)) return undefined;
  const value = Number(component);
  return value <= 0x7fffffff ? value : undefined;
}

/** The name ends before the first dash that no letter follows; the version is what is behind it. */
export function parseDrvName(text: string): { name: string; version: string } {
  const dash = /-[^a-zA-Z]/.exec(text);
  return dash ? { name: text.slice(0, dash.index), version: text.slice(dash.index + 1) } : { name: text, version: '' };
}

const drvNameShape = Shape.of(['name', 'version']);

export const versionBuiltins: readonly Builtin[] = [
  {
    name: 'parseDrvName',
    args: ['s'],
    type: 'string → { name :: string; version :: string }',
    doc: 'Takes `name-version` apart. The version begins behind the first dash that is not followed by a letter.',
    example: {
      expr: 'builtins.parseDrvName "apache-httpd-2.0.48"',
      value: '{ name = "apache-httpd"; version = "2.0.48"; }',
    },
    run: (_ctx, _pos, s) => {
      const context = 'while evaluating the first argument passed to builtins.parseDrvName';
      const { name, version } = parseDrvName(forceStringNoContext(s, NO_POS, context));
      return Attrs.of(drvNameShape, name, version);
    },
  },
  {
    name: 'compareVersions',
    args: ['s1', 's2'],
    type: 'string → string → int',
    doc: '-1 if version *s1* is older than *s2*, 1 if it is newer, 0 if they are the same.',
    example: {
      expr: '[ (builtins.compareVersions "2.3.1" "2.3") (builtins.compareVersions "2.3pre1" "2.3") (builtins.compareVersions "1.0" "1-0") ]',
      value: '[ 1 (-1) 0 ]',
    },
    run: (_ctx, _pos, s1, s2) => {
      const a = forceStringNoContext(
        s1,
        NO_POS,
        'while evaluating the first argument passed to builtins.compareVersions',
      );
      const b = forceStringNoContext(
        s2,
        NO_POS,
        'while evaluating the second argument passed to builtins.compareVersions',
      );
      return compareVersions(a, b);
    },
  },
  {
    name: 'splitVersion',
    args: ['s'],
    type: 'string → [string]',
    doc: 'The components of a version, as `compareVersions` looks at them.',
    example: { expr: 'builtins.splitVersion "1.2rc3"', value: '[ "1" "2" "rc" "3" ]' },
    run: (_ctx, _pos, s) =>
      splitVersion(
        forceStringNoContext(s, NO_POS, 'while evaluating the first argument passed to builtins.splitVersion'),
      ),
  },
];
