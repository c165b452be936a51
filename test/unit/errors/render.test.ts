import { describe, expect, test } from 'vitest';
import { NixError } from '../../../src/errors/nix-error.ts';
import { type Pos, reserveSourcePositions } from '../../../src/errors/position.ts';
import { renderError, renderWarning } from '../../../src/errors/render.ts';
import { Source } from '../../../src/errors/source.ts';
import { warning } from '../../../src/errors/warning.ts';

const source = new Source('let\n  f = x: x;\nin\nf 1\n', { kind: 'file', path: '/dir/a.nix' });
const base = reserveSourcePositions(source);
/** The position of the first occurrence of a text. */
const at = (text: string): Pos => base + source.text.indexOf(text);

function lines(...text: string[]): string {
  return text.join('\n');
}

describe('errors', () => {
  test('without a place', () => {
    expect(renderError(new NixError('one\ntwo'))).toBe('error: one\n       two');
  });

  test('with a place: the line between its neighbours', () => {
    expect(renderError(new NixError('no', { pos: at('x;') }))).toBe(
      lines(
        'error: no',
        '       at /dir/a.nix:2:10:',
        '            1| let',
        '            2|   f = x: x;',
        '             |          ^',
        '            3| in',
      ),
    );
  });

  test('the first line has none before it, the last one, though empty, one after it', () => {
    expect(renderError(new NixError('no', { pos: base }))).toContain('1:1:\n            1| let\n             | ^\n');
    expect(renderError(new NixError('no', { pos: at('f 1') }))).toMatch(/ \^\n {12}5\|$/);
  });

  test('suggestions, and a hint of our own', () => {
    const one = new NixError('no', { suggestions: ['a'], hint: 'try this' });
    expect(renderError(one)).toBe('error: no\n       Did you mean a?\n       hint: try this');
    const three = new NixError('no', { suggestions: ['a', 'b', 'c'] });
    expect(renderError(three)).toBe('error: no\n       Did you mean one of a, b or c?');
  });

  test('colours', () => {
    const text = renderError(new NixError('no', { pos: at('let'), suggestions: ['a'] }), { color: true });
    expect(text).toContain('\x1b[31;1merror:\x1b[0m no\n       \x1b[34;1mat \x1b[35;1m/dir/a.nix:1:1\x1b[0m:\n');
    expect(text).toContain('| \x1b[31;1m^\x1b[0m\n');
    expect(text).toMatch(/Did you mean \x1b\[35;1ma\x1b\[0m\?$/);
  });
});

describe('traces', () => {
  test('are shown from the outside in, the message last', () => {
    const error = new NixError('no', { pos: at('in') }).addTrace('while inner').addTrace('while outer', at('f 1'));
    expect(renderError(error, { showTrace: true })).toBe(
      lines(
        'error:',
        '       … while outer',
        '         at /dir/a.nix:4:1:',
        '            3| in',
        '            4| f 1',
        '             | ^',
        '            5|',
        '',
        '       … while inner',
        '',
        '       error: no',
        '       at /dir/a.nix:3:1:',
        '            2|   f = x: x;',
        '            3| in',
        '             | ^',
        '            4| f 1',
      ),
    );
  });

  const truncated = "(stack trace truncated; use '--show-trace' to show the full, detailed trace)";

  test('are cut off, save what is always shown', () => {
    const error = new NixError('no');
    error.addTrace('always', undefined, true);
    for (const text of ['five', 'four', 'three', 'two', 'one']) error.addTrace(text);
    expect(renderError(error)).toBe(
      lines('error:', '       … one', '', '       … two', '', '       … three', '', '       … four', '') +
        lines('', '       … always', '', `       ${truncated}`, '', '       error: no'),
    );
    expect(renderError(error, { showTrace: true })).not.toContain(truncated);
  });

  test('a line with a place counts twice', () => {
    const error = new NixError('no').addTrace('three').addTrace('two', at('in')).addTrace('one', at('f 1'));
    const text = renderError(error);
    expect(text).toContain('two');
    expect(text).not.toContain('three');
    expect(text).toContain(truncated);
  });

  test('repetitions are counted, short ones shown', () => {
    const recursion = (depth: number) => {
      const error = new NixError('no').addTrace('bottom');
      for (let i = 0; i < depth; i++) error.addTrace('again', at('x;'));
      return renderError(error.addTrace('top'), { showTrace: true });
    };
    expect(recursion(6).match(/… again/g)).toHaveLength(6);
    expect(recursion(7).match(/… again/g)).toHaveLength(1);
    expect(recursion(7)).toContain('\n\n       (6 duplicate frames omitted)\n\n       … bottom\n');
  });

  test('lines at the same place are the same, however numbered', () => {
    const again = reserveSourcePositions(source);
    const error = new NixError('no');
    for (let i = 0; i < 8; i++) error.addTrace('again', i % 2 === 0 ? base : again);
    expect(renderError(error, { showTrace: true })).toContain('(7 duplicate frames omitted)');
  });
});

describe('colours', () => {
  const colored = (message: string, errorClass: 'TypeError' | 'ThrownError' = 'TypeError') =>
    renderError(new NixError(message, { class: errorClass }), { color: true })
      .replace(/\x1b\[35;1m/g, '<')
      .replace(/\x1b\[0m/g, '>')
      .replace('\x1b[31;1merror:> ', '');

  test('mark what a message quotes, but for the names that belong to it', () => {
    expect(colored("attribute 'foo' missing")).toBe("attribute '<foo>' missing");
    expect(colored("the argument passed to 'builtins.head' isn't 'x'")).toBe(
      "the argument passed to 'builtins.head' isn't '<x>'",
    );
    expect(colored('expected a list but found an integer: 1')).toBe('expected a list but found <an integer>: 1');
    expect(colored('cannot coerce a list to a string: [ ]')).toBe('cannot coerce <a list> to a string: [ ]');
    expect(colored('cannot add a set to an integer')).toBe('cannot add <a set> to an integer');
  });

  test('leave alone what the program says', () => {
    expect(colored("no 'x'", 'ThrownError')).toBe("no 'x'");
  });
});

describe('warnings', () => {
  test('of one line, with a place, and from the program', () => {
    expect(renderWarning(warning('careful\nindeed'))).toBe('warning: careful\nindeed');
    expect(renderWarning(warning('careful', at('let')))).toBe(
      lines('warning: careful', '         at /dir/a.nix:1:1:', '              1| let', '               | ^') +
        '\n              2|   f = x: x;',
    );
    expect(renderWarning({ message: 'said', pos: 0, fromExpression: true })).toBe('evaluation warning: said');
  });
});
