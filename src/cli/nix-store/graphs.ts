/** References drawn: as an indented tree, for Graphviz, and as GraphML; to the letter as C++ Nix draws them. */

export interface Drawn {
  /** In byte order. */
  sortedReferences(path: string): readonly string[];
  /** Bytes of the NAR. */
  size(path: string): number;
}

/** `references` in the order in which they are to stand. What stands in the tree already is marked and not opened again. */
export function* referenceTree(
  roots: readonly string[],
  references: (path: string) => readonly string[],
): Generator<string> {
  const done = new Set<string>();
  function* branch(path: string, first: string, rest: string): Generator<string> {
    if (done.has(path)) {
      yield `${first}${path} [...]`;
      return;
    }
    done.add(path);
    yield first + path;
    const below = references(path);
    for (const [index, other] of below.entries()) {
      const last = index === below.length - 1;
      yield* branch(other, rest + (last ? '└───' : '├───'), rest + (last ? '    ' : '│   '));
    }
  }
  for (const root of roots) yield* branch(root, '', '');
}

/** Paths in the order of a work list that always goes on with the first in byte order. */
function* visit(roots: readonly string[], drawn: Drawn): Generator<{ path: string; references: readonly string[] }> {
  const waiting = new Set(roots);
  const done = new Set<string>();
  while (waiting.size > 0) {
    const path = [...waiting].sort()[0]!;
    waiting.delete(path);
    if (done.has(path)) continue;
    done.add(path);
    const references = drawn.sortedReferences(path).filter((other) => other !== path);
    for (const other of references) waiting.add(other);
    yield { path, references };
  }
}

const colours = ['black', 'red', 'green', 'blue', 'magenta', 'burlywood'];

export function* dotGraph(roots: readonly string[], drawn: Drawn): Generator<string> {
  let edges = 0;
  yield 'digraph G {';
  for (const { path, references } of visit(roots, drawn)) {
    yield `"${baseName(path)}" [label = "${name(path)}", shape = box, style = filled, fillcolor = "#ff0000"];`;
    for (const other of references)
      yield `"${baseName(other)}" -> "${baseName(path)}" [color = "${colours[edges++ % colours.length]}"];`;
  }
  yield '}';
}

export function* graphMl(roots: readonly string[], drawn: Drawn): Generator<string> {
  yield "<?xml version='1.0' encoding='utf-8'?>";
  yield "<graphml xmlns='http://graphml.graphdrawing.org/xmlns'";
  yield "    xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
  yield "    xsi:schemaLocation='http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd'>";
  yield "<key id='narSize' for='node' attr.name='narSize' attr.type='long'/>" +
    "<key id='name' for='node' attr.name='name' attr.type='string'/>" +
    "<key id='type' for='node' attr.name='type' attr.type='string'/>" +
    "<graph id='G' edgedefault='directed'>";
  for (const { path, references } of visit(roots, drawn)) {
    yield `  <node id="${baseName(path)}">`;
    yield `    <data key="narSize">${drawn.size(path)}</data>`;
    yield `    <data key="name">${symbolicName(path)}</data>`;
    yield `    <data key="type">${path.endsWith('.drv') ? 'derivation' : 'output-path'}</data>`;
    yield '  </node>';
    for (const other of references) yield `  <edge source="${baseName(path)}" target="${baseName(other)}"/>`;
  }
  yield '</graph>';
  yield '</graphml>';
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The name up to its first dash; none where there is no dash. C++ Nix has it so. */
function symbolicName(path: string): string {
  return /^[^-]*-/.exec(name(path))?.[0] ?? '';
}

/** Without the hash part. */
function name(path: string): string {
  return baseName(path).slice(33);
}
