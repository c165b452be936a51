/** Debian mirrors and proxies out of APT's configuration. */
import { describe, expect, it } from 'vitest';
import { NixError } from '../../../src/errors/nix-error.ts';
import { aptProxyRule, readAptConfiguration } from '../../../src/realise/download/apt-conf.ts';
import { parseDeb822Sources, readAptSources } from '../../../src/realise/download/apt-sources.ts';
import { mirrorUrls } from '../../../src/realise/download/mirrors.ts';
import { proxyFromEnvironment } from '../../../src/realise/download/proxy.ts';

const fixtures = new URL('../../../fixtures/realise/apt/', import.meta.url).pathname;
const urls = (aptSources: ReturnType<typeof readAptSources>) =>
  mirrorUrls('mirror://debian/pool/a.deb', { named: [], aptSources });

describe('APT sources', () => {
  it('reads sources.list: options, comments, security last, each archive once', () => {
    expect(urls(readAptSources(`${fixtures}one-line`))).toEqual([
      'http://mirror.example.org/debian/pool/a.deb',
      'http://security.example.org/debian-security/pool/a.deb',
    ]);
  });

  it('reads deb822 stanzas: several URIs, folded fields, Enabled', () => {
    expect(urls(readAptSources(`${fixtures}deb822`))).toEqual([
      'https://one.example.org/debian/pool/a.deb',
      'https://two.example.org/debian/pool/a.deb',
      'http://security.example.org/debian-security/pool/a.deb',
    ]);
  });

  it('follows mirror+file: to its list', () => {
    const sources = readAptSources(`${fixtures}cloud`).map((source) => ({
      ...source,
      uri: source.uri.replace('FIXTURE', `${fixtures}cloud`),
    }));
    expect(urls(sources)).toEqual(['http://cloud.example.org/debian/pool/a.deb', 'file:///srv/debian/pool/a.deb']);
  });

  it("leaves other people's archives out", () => {
    expect(() => urls(readAptSources(`${fixtures}others`))).toThrow(NixError);
    expect(() => urls(readAptSources(`${fixtures}nowhere`))).toThrow('no Debian mirror is known');
  });

  it('knows the ways to say no', () => {
    const stanza = (enabled: string) =>
      `Types: deb\nEnabled: ${enabled}\nURIs: http://e.example.org/debian\nSuites: sid\nComponents: main\n`;
    expect(['no', 'false', '0', 'yes', 'true'].map((word) => parseDeb822Sources(stanza(word)).length)).toEqual([
      0, 0, 0, 1, 1,
    ]);
  });

  it('joins base and path with one slash', () => {
    expect(mirrorUrls('mirror://debian//pool/x', { named: ['http://m.example.org/debian//'], aptSources: [] })).toEqual(
      ['http://m.example.org/debian/pool/x'],
    );
    expect(() => mirrorUrls('mirror://other/pool/x', { named: ['http://m'], aptSources: [] })).toThrow("'other'");
  });
});

describe('proxies', () => {
  const rule = (env: Record<string, string>) => (url: string) => proxyFromEnvironment(env)(new URL(url))?.host;

  it('takes the one for the scheme, unless exempt', () => {
    const of = rule({
      http_proxy: 'one.example.org:1',
      HTTPS_PROXY: 'http://two.example.org:2',
      no_proxy: 'near.example.org, .inner.example.org,host.example.org:8080',
    });
    expect(of('http://x.example.org/')).toBe('one.example.org:1');
    expect(of('https://x.example.org/')).toBe('two.example.org:2');
    expect(of('http://near.example.org/')).toBeUndefined();
    expect(of('http://a.inner.example.org/')).toBeUndefined();
    expect(of('http://host.example.org:8080/')).toBeUndefined();
    expect(of('http://host.example.org/')).toBe('one.example.org:1');
    expect(rule({ HTTP_PROXY: 'http://cgi.example.org' })('http://x.example.org/')).toBeUndefined();
    expect(rule({ all_proxy: 'http://a.example.org', no_proxy: '*' })('http://x.example.org/')).toBeUndefined();
  });

  it("reads APT's, nested and flat, by host, DIRECT", () => {
    const of = aptProxyRule(readAptConfiguration(`${fixtures}one-line`), { http_proxy: 'http://env.example.org' });
    expect(of(new URL('http://mirror.example.org/'))?.host).toBe('proxy.example.org:3128');
    expect(of(new URL('https://mirror.example.org/'))?.host).toBe('proxy.example.org:3128');
    expect(of(new URL('http://near.example.org/'))).toBeUndefined();
    const plain = aptProxyRule(new Map(), { http_proxy: 'http://env.example.org' });
    expect(plain(new URL('http://mirror.example.org/'))?.host).toBe('env.example.org');
  });
});
