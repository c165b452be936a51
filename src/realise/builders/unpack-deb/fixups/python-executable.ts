/**
 * Makes bin/python3.N an absolute link to the interpreter, in libexec. Python looks for its standard library from the
 * place of its executable, following links. An image often has a copy of a package's `bin` at /bin, or a link to it:
 * a copy of the interpreter there finds nothing, a copy of this link leads back into the store.
 */
import { fixupFailed } from '../messages.ts';
import type { Fixup } from './fixup.ts';

const interpreter = /^bin\/(python\d+\.\d+)$/;

/** Where the interpreter `python3.N` stands in an output. */
export const executablePlace = (program: string) => `libexec/${program}`;

export const pythonExecutable: Fixup = {
  name: 'python-executable',
  doc: 'moves bin/python3.N to libexec, with an absolute link in its place',
  apply({ tree, out }) {
    const found = tree.files().filter(([path]) => interpreter.test(path));
    if (found.length === 0) throw fixupFailed(pythonExecutable.name, 'there is no bin/python3.N');
    for (const [path, node] of found) {
      const place = executablePlace(interpreter.exec(path)![1]!);
      tree.delete(path);
      tree.add(place, node);
      tree.add(path, { kind: 'link', text: `${out}/${place}`, destination: undefined, from: pythonExecutable.name });
    }
  },
};
