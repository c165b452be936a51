import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NixError } from '../../../src/errors/nix-error.ts';
import { Source } from '../../../src/errors/source.ts';
import type { AttrDef, AttrName, Node } from '../../../src/syntax/nodes.ts';
import { parse } from '../../../src/syntax/parse.ts';
import { printExpression } from '../../../src/syntax/print.ts';
import { tokenSoup } from '../../support/token-soup.ts';

const pos = 0;

function reprint(text: string): string {
  return printExpression(parse(new Source(text, { kind: 'string' }), { basePath: '/base' }).node);
}

const text = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', '"', '\\', '$', '{', '}', "'", '\n', '\r', '\t', 'é', '😀'),
});
const identifier = fc.constantFrom('a', 'b', 'c-d', "e'", '_', 'or_');
const name = fc.oneof(identifier, fc.constantFrom('if', 'a b', '', '1'), text);

/** Every kind that --parse prints in a form that can stand anywhere; `assert` and interpolated paths cannot. */
const { node } = fc.letrec<{ node: Node; attrName: AttrName; attrs: Extract<Node, { kind: 'attrs' }> }>((tie) => {
  const sub = tie('node');
  const path = fc.array(tie('attrName'), { minLength: 1, maxLength: 3 });
  const dict = fc.uniqueArray(fc.tuple(name, sub), { maxLength: 3, selector: ([key]) => key });
  return {
    attrName: fc.oneof(
      name.map((name) => ({ name, pos })),
      identifier.map((name) => ({ expr: { kind: 'variable' as const, name, pos }, pos })),
    ),
    attrs: fc
      .record({ recursive: fc.boolean(), plain: dict, inherited: fc.uniqueArray(identifier), from: fc.option(sub) })
      .map(({ recursive, plain, inherited, from }) => {
        const attrs = new Map<string, AttrDef>(plain.map(([key, value]) => [key, { kind: 'plain', value, pos }]));
        for (const name of inherited)
          attrs.set(
            name,
            from
              ? { kind: 'inheritedFrom', from: 0, pos }
              : { kind: 'inherited', value: { kind: 'variable', name, pos }, pos },
          );
        const inheritFrom = from && inherited.length > 0 ? [from] : [];
        return { kind: 'attrs' as const, recursive, attrs, dynamic: [], inheritFrom, pos };
      }),
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      identifier.map((name): Node => ({ kind: 'variable', name, pos })),
      fc.nat().map((value): Node => ({ kind: 'int', value, pos })),
      text.map((value): Node => ({ kind: 'string', value, pos })),
      fc.constant<Node>({ kind: 'path', value: '/a/b', pos }),
      fc.array(sub, { maxLength: 3 }).map((items): Node => ({ kind: 'list', items, pos })),
      fc
        .tuple(sub, fc.array(sub, { minLength: 1, maxLength: 2 }))
        .map(([callee, args]): Node => ({ kind: 'call', callee, args, pos })),
      fc
        .tuple(identifier, sub)
        .map(([arg, body]): Node => ({ kind: 'lambda', arg, formals: undefined, body, name: undefined, pos })),
      fc.tuple(fc.uniqueArray(identifier), fc.boolean(), fc.option(sub), sub).map(
        ([names, ellipsis, fallback, body]): Node => ({
          kind: 'lambda',
          arg: undefined,
          formals: { formals: names.map((name) => ({ name, fallback: fallback ?? undefined, pos })), ellipsis },
          body,
          name: undefined,
          pos,
        }),
      ),
      fc.tuple(sub, path, fc.option(sub)).map(
        ([subject, path, fallback]): Node => ({
          kind: 'select',
          subject,
          path,
          fallback: fallback ?? undefined,
          pos,
        }),
      ),
      fc.tuple(sub, path).map(([subject, path]): Node => ({ kind: 'hasAttr', subject, path, pos })),
      fc
        .tuple(fc.constantFrom('==', '!=', '&&', '||', '->', '//', '++'), sub, sub)
        .map(([operator, left, right]) => ({ kind: 'binary', operator, left, right, pos }) as Node),
      fc.tuple(sub, sub).map(
        ([left, right]): Node => ({
          kind: 'concat',
          forceString: false,
          parts: [
            { node: left, pos },
            { node: right, pos },
          ],
          pos,
        }),
      ),
      sub.map((operand): Node => ({ kind: 'not', operand, pos })),
      fc
        .tuple(sub, sub, sub)
        .map(([condition, then, otherwise]): Node => ({ kind: 'if', condition, then, otherwise, pos })),
      fc.tuple(sub, sub).map(([scope, body]): Node => ({ kind: 'with', scope, body, pos })),
      fc.tuple(tie('attrs'), sub).map(([attrs, body]): Node => ({ kind: 'let', attrs, body, pos })),
      tie('attrs'),
    ),
  };
});

test('what is printed parses, and prints the same again', () => {
  fc.assert(
    fc.property(node, (node) => {
      // The first round may merge what lowering merges: ((f a) b) and `${"a"}`.
      const once = reprint(printExpression(node));
      expect(reprint(once)).toBe(once);
    }),
    { numRuns: 500 },
  );
});

test('any text ends in a tree or in a NixError', () => {
  fc.assert(
    fc.property(fc.oneof(tokenSoup(), fc.string({ unit: 'binary' }), text), (text) => {
      try {
        reprint(text);
      } catch (error) {
        expect(error).toBeInstanceOf(NixError);
        expect((error as NixError).class).toBe('ParseError');
      }
    }),
    { numRuns: 2000 },
  );
});
