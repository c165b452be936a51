/** Variables: the machine is told where to look, not what for. */
import { FALSE, GLOBAL, LAZY, NULL, TRUE, VAR, VAR_0, VAR_1, VAR_2, WITH_VAR } from '../code/opcodes.ts';
import { NixError } from '../errors/nix-error.ts';
import type { VariableNode } from '../syntax/nodes.ts';
import type { Scope } from '../syntax/scope.ts';
import type { Compiler } from './compile.ts';

const constants: ReadonlyMap<string, number> = new Map([
  ['true', TRUE],
  ['false', FALSE],
  ['null', NULL],
]);

export function compileVariable({ out, globals, base }: Compiler, node: VariableNode, scope: Scope): number {
  const { name, pos } = node;
  const resolved = scope.resolve(name, globals);
  switch (resolved?.kind) {
    case undefined:
      throw new NixError(`undefined variable '${name}'`, { class: 'UndefinedVarError', pos: base + pos });
    case 'slot': {
      const { depth, binding } = resolved;
      if (binding.lazy) {
        const offset = out.emit2(pos, LAZY, depth, binding.slot);
        out.use(binding);
        return offset;
      }
      if (depth === 0) return out.emit1(pos, VAR_0, binding.slot);
      if (depth === 1) return out.emit1(pos, VAR_1, binding.slot);
      if (depth === 2) return out.emit1(pos, VAR_2, binding.slot);
      return out.emit2(pos, VAR, depth, binding.slot);
    }
    case 'global': {
      const constant = globals.isShadowed(name) ? undefined : constants.get(name);
      return constant === undefined ? out.emit2(pos, GLOBAL, out.text(name), out.memo()) : out.emit(pos, constant);
    }
    case 'with': {
      const offset = out.emit2(pos, WITH_VAR, out.text(name), resolved.depths.length);
      out.operands(resolved.depths);
      out.operand(out.memo(2 * resolved.depths.length));
      return offset;
    }
  }
}
