/** Strongly connected components of a graph (Tarjan 1972, with a stack of its own): the circles, each as one list. */
export function stronglyConnected(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const number = new Map<string, number>();
  const low = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const components: string[][] = [];

  const enter = (node: string) => {
    number.set(node, number.size);
    low.set(node, number.get(node)!);
    stack.push(node);
    onStack.add(node);
    return { node, edges: [...(graph.get(node) ?? [])], next: 0 };
  };

  for (const start of graph.keys()) {
    if (number.has(start)) continue;
    const path = [enter(start)];
    while (path.length > 0) {
      const frame = path.at(-1)!;
      const target = frame.edges[frame.next++];
      if (target !== undefined) {
        if (!number.has(target)) path.push(enter(target));
        else if (onStack.has(target)) low.set(frame.node, Math.min(low.get(frame.node)!, number.get(target)!));
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent) low.set(parent.node, Math.min(low.get(parent.node)!, low.get(frame.node)!));
      if (low.get(frame.node) !== number.get(frame.node)) continue;
      const component = stack.splice(stack.indexOf(frame.node));
      for (const member of component) onStack.delete(member);
      components.push(component);
    }
  }
  return components;
}
