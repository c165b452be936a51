/**
 * As much of apt.conf(5) as a download needs: the proxies. Its values are a tree that may be written flat or nested,
 *
 *   Acquire::http::Proxy "http://proxy.example.org:3128";
 *   Acquire { http { Proxy "..."; Proxy::mirror.example.org "DIRECT"; }; };
 *
 * with comments of three kinds (`//`, `#`, slash-star); a later file overrides an earlier one.
 */
import { join } from 'node:path';
import { listNames, readText } from './apt-sources.ts';
import { type Environment, type ProxyRule, proxyFromEnvironment, proxyUrl } from './proxy.ts';

/** Names in lower case (APT does not tell cases apart), joined with `::`. */
export type AptConfiguration = ReadonlyMap<string, string>;

export function readAptConfiguration(aptDirectory: string): AptConfiguration {
  const all = new Map<string, string>();
  const directory = join(aptDirectory, 'apt.conf.d');
  // run-parts' rule for names: no dots, save the ending .conf.
  const names = listNames(directory).filter((name) => /^[\w-]+(?:\.conf)?$/.test(name));
  for (const file of [...names.map((name) => join(directory, name)), join(aptDirectory, 'apt.conf')])
    for (const [name, value] of parseAptConfiguration(readText(file))) all.set(name, value);
  return all;
}

export function parseAptConfiguration(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const tokens = text.matchAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|#[^\n]*|"((?:[^"\\]|\\.)*)"|([{};])|([^\s"{};]+)/g);
  const scopes: string[] = [];
  let name = '';
  let value: string | undefined;
  const finish = () => {
    if (name && value !== undefined) values.set([...scopes, name].join('::').toLowerCase(), value);
    name = '';
    value = undefined;
  };
  for (const [, quoted, punctuation, word] of tokens) {
    if (punctuation === '{') {
      scopes.push(name);
      name = '';
      value = undefined;
    } else if (punctuation === '}') {
      finish();
      scopes.pop();
    } else if (punctuation === ';') finish();
    else if (quoted !== undefined) value = quoted;
    else if (word !== undefined) {
      if (name) value = word;
      else name = word;
    }
  }
  return values;
}

/** APT's order: a proxy for the host, a proxy for the scheme, then the environment. "DIRECT" stands for none. */
export function aptProxyRule(configuration: AptConfiguration, env: Environment): ProxyRule {
  const fallback = proxyFromEnvironment(env);
  return (url) => {
    const scheme = `acquire::${url.protocol.slice(0, -1)}::proxy`;
    const text =
      configuration.get(`${scheme}::${url.hostname}`) ??
      configuration.get(scheme) ??
      // APT uses its HTTP proxy for HTTPS too where nothing else is said.
      (url.protocol === 'https:' ? configuration.get('acquire::http::proxy') : undefined);
    if (text === undefined || text === '') return fallback(url);
    return text.toUpperCase() === 'DIRECT' ? undefined : proxyUrl(text);
  };
}
