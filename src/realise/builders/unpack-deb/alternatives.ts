/**
 * Debian's alternatives (awk -> gawk, libblas.so.3 -> blas/libblas.so.3) are links that a package's postinst makes by
 * `update-alternatives --install LINK NAME PATH PRIORITY [--slave LINK NAME PATH]...`. There is no global choice in a
 * store: each package simply gets its own links, and its user picks the package. The calls are read out of the script;
 * one that needs a shell to be understood (variables, substitutions) is left out and reported.
 */
import { normalizePath } from '../relative-path.ts';

export interface Alternative {
  /** Paths in the package's own layout, normalised. */
  readonly link: string;
  readonly path: string;
}

export interface AlternativesFound {
  /** Highest priority first; a call's slaves follow it. */
  readonly alternatives: readonly Alternative[];
  /** Calls that could not be understood. */
  readonly skipped: readonly string[];
}

export function findAlternatives(script: string): AlternativesFound {
  const calls: { priority: number; links: Alternative[] }[] = [];
  const skipped: string[] = [];
  for (const line of expandVariables(script.replace(/\\\n/g, ' ')).split('\n')) {
    const command = /(?:^|[\s;&|(])update-alternatives\s+(.*)$/.exec(line)?.[1];
    if (command === undefined || line.trimStart().startsWith('#')) continue;
    const words = commandWords(command);
    if (!words.includes('--install')) continue;
    const call = readCall(words);
    if (call) calls.push(call);
    else skipped.push(words.join(' '));
  }
  calls.sort((a, b) => b.priority - a.priority); // stable: equal priorities stay in the script's order
  return { alternatives: calls.flatMap(({ links }) => links), skipped };
}

/** Puts in the values of variables that the script sets once, to plain text. */
function expandVariables(script: string): string {
  const values = new Map<string, string | undefined>();
  for (const [, name, value] of script.matchAll(/^\s*(\w+)=(\S*?);?\s*$/gm)) {
    const plain = /^(["']?)([\w./+-]*)\1$/.exec(value!)?.[2];
    values.set(name!, values.has(name!) ? undefined : plain);
  }
  return script.replace(/\$(?:(\w+)|\{(\w+)\})/g, (use, bare, braced) => values.get(bare ?? braced) ?? use);
}

/** Words of a simple command, without quotes; ends at a comment or at the next command. */
function commandWords(command: string): string[] {
  const words: string[] = [];
  for (const [word] of command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s;&|)>"'])+|[;&|)>]/g)) {
    if (/^[#;&|)>]/.test(word)) break;
    words.push(word.replace(/["']/g, ''));
  }
  return words;
}

function readCall(words: readonly string[]): { priority: number; links: Alternative[] } | undefined {
  const links: Alternative[] = [];
  let priority = 0;
  for (let i = 0; i < words.length; i++) {
    if (words[i] !== '--install' && words[i] !== '--slave') continue;
    const [link, , path] = words.slice(i + 1, i + 4);
    if (!link?.startsWith('/') || !path?.startsWith('/') || /[$`*]/.test(link + path)) return undefined;
    links.push({ link: normalizePath(link), path: normalizePath(path) });
    if (words[i] === '--install') priority = Number(words[i + 4]);
  }
  return Number.isNaN(priority) ? undefined : { priority, links };
}
