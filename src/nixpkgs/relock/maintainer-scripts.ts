/**
 * What a .deb does or needs beyond its control fields, read from its own files: the alternatives that its postinst
 * installs, and the interpreters that its scripts start.
 */

/** Directories whose scripts nobody runs from the store: examples, boot, services. */
const unused = /^(etc|usr\/share\/(doc|bug|initramfs-tools|lintian|apport)|(usr\/)?lib\/(systemd|udev)|usr\/share\/man)\//;

/**
 * The interpreter of a script by its first line, as far as it is one that Debian calls essential (and so leaves out of
 * Depends): "sh" or "bash". Others must come from the dependencies, or the script stays as it is.
 */
export function essentialInterpreter(path: string, firstLine: string): 'sh' | 'bash' | undefined {
  if (unused.test(path)) return undefined;
  const match = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(firstLine);
  if (!match) return undefined;
  const program = baseName(match[1]!) === 'env' ? match[2] : baseName(match[1]!);
  if (program === 'sh' || program === 'dash') return 'sh';
  return program === 'bash' ? 'bash' : undefined;
}

/**
 * `update-alternatives --install LINK NAME PATH PRIORITY [--slave LINK NAME PATH]...` as links inside the package's own
 * path. Lines that compute their paths are left out, and so is documentation.
 */
export function alternativeLinks(postinst: string): Record<string, string> {
  const links: Record<string, string> = {};
  for (const line of postinst.replace(/\\\n/g, ' ').split('\n')) {
    if (!/^\s*[^#]*\bupdate-alternatives\b/.test(line)) continue;
    for (const [, link, path] of line.matchAll(/--(?:install|slave)\s+(\S+)\s+\S+\s+(\S+)/g)) {
      const from = storeRelative(unquote(link!));
      const to = storeRelative(unquote(path!));
      if (from !== undefined && to !== undefined && from !== to) links[from] = to;
    }
  }
  return links;
}

/** The place in a store path of a file that Debian has at an absolute path: without /usr, sbin with bin. */
export function storeRelative(path: string): string | undefined {
  if (!/^\/[\w./+-]+$/.test(path) || /^\/usr\/share\/(man|doc)\//.test(path) || path.startsWith('/etc/')) return undefined;
  return path
    .slice(1)
    .replace(/^usr\//, '')
    .replace(/^sbin\//, 'bin/');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function unquote(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}
