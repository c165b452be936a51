/** npm run docs: writes docs/reference/builtins.md from the builtins' own records. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { compareBytewise } from '../src/base/order.ts';
import { builtins } from '../src/builtins/table.ts';
import type { Builtin } from '../src/runtime/builtin.ts';

export const referencePage = new URL('../docs/reference/builtins.md', import.meta.url).pathname;

const introduction = `# Builtins

<!-- Made from src/builtins by \`npm run docs\`; do not edit. Each example is run by test/unit/builtins/table.test.ts. -->

Every function and constant of the language, as Nix 2.36 has them. Each is an attribute of \`builtins\`; the ones marked as global can
be written without \`builtins.\` before them, every other one also as \`__name\`. \`derivation\` is a function written in Nix; see
\`derivationStrict\`. The line below a name and its arguments is the type: \`a\`, \`b\` stand for any type, \`[a]\` for a list, \`{ name :: a }\` for a
set whose attributes may have any name. What stands under an example is what it evaluates to.
`;

export function renderReference(): string {
  const sorted = builtins.toSorted((a, b) => compareBytewise(a.name.toLowerCase(), b.name.toLowerCase()));
  const links = sorted.map(({ name }) => `[${name}](#${anchor(name)})`).join(' ·\n');
  return [introduction, `${links}\n`, ...sorted.map(section)].join('\n');
}

function section(builtin: Builtin): string {
  const { name, args, type, doc, example } = builtin;
  const synopsis = [builtin.global ? name : `builtins.${name}`, ...args.map((arg) => `*${arg}*`)].join(' ');
  const lines = [`## ${name}`, '', `${synopsis} \\`, `\`${type}\``, '', doc];
  const remarks = remarksOn(builtin);
  if (remarks.length > 0) lines.push('', remarks.join(' '));
  if (example) lines.push('', '```nix', example.expr, `# ${example.value}`, '```');
  return `${lines.join('\n')}\n`;
}

function remarksOn({ args, global, feature, impureOnly }: Builtin): string[] {
  const remarks: string[] = [];
  if (args.length === 0) remarks.push('A constant.');
  if (global) remarks.push('Global.');
  if (impureOnly) remarks.push('Not in pure mode.');
  if (feature) remarks.push(`Only with the experimental feature \`${feature}\`.`);
  return remarks;
}

/** As Markdown renderers make it of a heading. */
function anchor(name: string): string {
  return name.toLowerCase().replaceAll("'", '');
}

if (import.meta.main) {
  mkdirSync(dirname(referencePage), { recursive: true });
  writeFileSync(referencePage, renderReference());
}
