/**
 * Which proxy a request goes through: what the caller's rule says (APT's configuration), else the customary variables
 * http_proxy, https_proxy, all_proxy and no_proxy. Of these http_proxy counts in lower case only, as in curl: a CGI server
 * would let a client set HTTP_PROXY.
 */

export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy for a URL; undefined: none. */
export type ProxyRule = (url: URL) => URL | undefined;

export function proxyFromEnvironment(env: Environment): ProxyRule {
  const first = (...names: string[]) => names.map((name) => env[name]).find((value) => value);
  return (url) => {
    if (isExempt(url, first('no_proxy', 'NO_PROXY'))) return undefined;
    const all = first('all_proxy', 'ALL_PROXY');
    const text =
      url.protocol === 'https:' ? (first('https_proxy', 'HTTPS_PROXY') ?? all) : (first('http_proxy') ?? all);
    return text ? proxyUrl(text) : undefined;
  };
}

/** `host:port` and `http://host:port` mean the same. Only HTTP proxies are known. */
export function proxyUrl(text: string): URL | undefined {
  const url = URL.parse(/^[a-z0-9+]+:\/\//i.test(text) ? text : `http://${text}`);
  return url && url.protocol === 'http:' ? url : undefined;
}

/** no_proxy: names separated by commas or spaces; a name covers its subdomains; `*` covers everything. */
function isExempt(url: URL, list: string | undefined): boolean {
  const host = url.hostname.toLowerCase();
  return (list ?? '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name, port] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase().replace(/^\*?\./, ''))!;
      if (port && port !== (url.port || (url.protocol === 'https:' ? '443' : '80'))) return false;
      return host === name || host.endsWith(`.${name}`);
    });
}
