/** Copies objects with everything that they refer to from one store into another. */
import { closure, isValidPath, requirePathInfo, type Store, sortByReferences } from './store.ts';

/** Gives the paths that were copied, each after what it refers to. What is there already is not read. */
export function copyClosure(
  from: Store,
  to: Store,
  paths: Iterable<string>,
  onPath: (path: string) => void = () => {},
): string[] {
  const missing = closure(from, paths).filter((path) => !isValidPath(to, path));
  const order = sortByReferences(missing, (path) => requirePathInfo(from, path).references);
  for (const path of order) {
    onPath(path);
    const info = requirePathInfo(from, path);
    // Where it was built says nothing about trust in the other store.
    to.addNar({ ...info, ultimate: false }, from.readNar(path), info);
  }
  return order;
}
