/** Does an image hold the program that it is to start? Asked before someone is told so by a container that does not start. */
import type { ImageConfig } from './config.ts';

/** Where container engines look when the image sets no PATH. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A sentence, if the command is surely not there; `names` are the image's outside the closure. */
export function missingCommand(
  config: ImageConfig,
  names: ReadonlySet<string>,
  closure: readonly string[],
): string | undefined {
  const own = config.config;
  const command = own?.Entrypoint?.[0] ?? own?.Cmd?.[0];
  if (typeof command !== 'string' || command === '') return undefined;
  if (command.startsWith('/nix/store/')) {
    const path = command.split('/', 4).join('/');
    return closure.includes(path) ? undefined : `the image does not hold ${path}, which its command '${command}' is in`;
  }
  // A link at some parent may lead to it; then we cannot tell from names alone.
  if (command.startsWith('/'))
    return names.has(command.slice(1)) || names.has(command.slice(1, command.lastIndexOf('/')))
      ? undefined
      : `the image has no '${command}', which is its command`;
  if (command.includes('/')) return undefined;
  const path = own?.Env?.find((variable) => variable.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH;
  const directories = path.split(':').filter((directory) => directory !== '');
  if (directories.some((directory) => directory.startsWith('/nix/store/'))) return undefined;
  const linked = (directory: string) =>
    names.has(directory) && ![...names].some((name) => name.startsWith(`${directory}/`));
  if (directories.some((directory) => linked(directory.slice(1)))) return undefined;
  return directories.some((directory) => names.has(`${directory.slice(1)}/${command}`))
    ? undefined
    : `the image's command '${command}' is in none of ${path}; name it in full, or add the package that has it to contents`;
}
