/**
 * builtin:python-env: a Python with packages; what python.withPackages makes.
 *
 *   libexec/python3.11         a copy of the interpreter. It finds its standard library from the place of its own file,
 *                              so it must not be a link; the run path in it is absolute, so it may be copied.
 *   bin/python3.11             an absolute link to it, which also works when bin is copied to an image's /bin
 *   bin/*                      programs of the packages; scripts for the plain Python are copied, for this one
 *   lib/python3.11             a link to the plain Python's: the standard library
 *   lib/python3/dist-packages  links to the modules of all packages, which may have them here (Debian's) or in
 *                              lib/python3.11/site-packages (built ones)
 *   share, include             merged, as in buildEnv
 *
 * It works called directly, through links into the store (/bin/python3 of an image), read-only and for any user.
 */

import { NixError } from '../../errors/nix-error.ts';
import type { BuiltinBuilder } from '../builtin.ts';
import { AttributeReader } from './attributes.ts';
import { LinkTree } from './link-tree.ts';
import { baseName, normalizePath } from './relative-path.ts';
import { StoreView } from './store-view.ts';
import { isHousekeeping } from './symlink-tree.ts';
import { executablePlace } from './unpack-deb/fixups/python-executable.ts';
import { shebangLine } from './unpack-deb/shebangs.ts';

const modules = 'lib/python3/dist-packages';

export const pythonEnv: BuiltinBuilder = {
  name: 'python-env',
  /**
   * Parameters: python (store path of the plain one), version ("3.11"), packages (store paths, the whole propagated
   * closure), pathsToLink (further directories of the packages), ignoreCollisions.
   */
  async build(context) {
    const attrs = new AttributeReader('python-env', context.attrs);
    const python = attrs.text('python');
    const program = `python${attrs.text('version')}`;
    const view = new StoreView(context);
    const out = context.outputs.get('out')!;

    const interpreter = view.read(`${python}/bin/${program}`);
    if (!interpreter) throw noInterpreter(`${python}/bin/${program}`);
    const directories = ['bin', 'share', 'include', ...attrs.texts('pathsToLink').map(normalizePath)];
    const tree = new LinkTree({
      view,
      wanted: [''],
      ignoreCollisions: attrs.boolean('ignoreCollisions'),
      realDirectories: false,
      skip: isHousekeeping,
      log: (line) => context.log(line),
    });
    tree.addDirectory(modules);
    tree.addFile(executablePlace(program), interpreter, true);
    tree.addLink(`bin/${program}`, `${out}/${executablePlace(program)}`);
    for (const alias of ['python', 'python3']) tree.addLink(`bin/${alias}`, program);
    tree.addLink(`lib/${program}`, `${python}/lib/${program}`);
    const packages = [...new Set([...attrs.texts('packages'), python])];
    packages.forEach((path, i) => {
      // The plain Python comes last, and gives way.
      const priority = i < packages.length - 1 ? 5 : 10;
      for (const directory of directories) tree.merge(directory, `${path}/${directory}`, priority);
      for (const directory of [modules, `lib/${program}/site-packages`])
        tree.merge(modules, `${path}/${directory}`, priority);
    });
    for (const { path, target } of tree.links()) {
      if (!path.startsWith('bin/')) continue;
      const script = view.read(target);
      const line = script && shebangLine(script);
      if (!line || !isPlainPython(line, python)) continue;
      const own = line.replace(/^#!\s*\S+/, `#!${out}/bin/${program}`);
      const copy = Buffer.concat([Buffer.from(own), script.subarray(line.length)]);
      tree.addFile(path, copy, view.isExecutable(target));
    }
    tree.write(context.physical(out));
  },
};

function isPlainPython(line: string, python: string): boolean {
  const interpreter = /^#!\s*(\S+)/.exec(line)?.[1] ?? '';
  return interpreter.startsWith(`${python}/bin/`) && baseName(interpreter).startsWith('python');
}

const noInterpreter = (path: string) =>
  new NixError(`cannot make a Python environment: there is no '${path}'`, { class: 'BuildError' });
