/** What the scripts of a .deb need beyond its control fields: Debian calls sh and bash essential and leaves them out. */

/** Directories whose scripts nobody runs from the store: examples, boot, services. */
const unused =
  /^(etc|usr\/share\/(doc|bug|initramfs-tools|lintian|apport)|(usr\/)?lib\/(systemd|udev)|usr\/share\/man)\//;

/**
 * The interpreter of a script by its first line, as far as it is one that Debian calls essential: "sh" or "bash". Others
 * must come from the dependencies, or the script stays as it is.
 */
export function essentialInterpreter(path: string, firstLine: string): 'sh' | 'bash' | undefined {
  if (unused.test(path)) return undefined;
  const match = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(firstLine);
  if (!match) return undefined;
  const program = baseName(match[1]!) === 'env' ? match[2] : baseName(match[1]!);
  if (program === 'sh' || program === 'dash') return 'sh';
  return program === 'bash' ? 'bash' : undefined;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
