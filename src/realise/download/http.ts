/**
 * One GET over HTTP or HTTPS: redirects followed, through a proxy where one is set, cancelled when nothing arrives for a
 * while. On node:http rather than fetch: it takes a proxy for each request, and it tells a body that ended too early from
 * a whole one.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { ProxyRule } from './proxy.ts';

export interface GetOptions {
  /** First byte wanted; the server may ignore it (status 200 instead of 206). */
  readonly from?: number;
  /** Further request headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly proxy: ProxyRule;
  /** Milliseconds without a byte (connecting included) after which the request fails. */
  readonly stallTimeout: number;
  readonly signal: AbortSignal;
}

export interface GetResponse {
  /** After all redirects. */
  readonly url: URL;
  readonly status: number;
  /** Bytes that the body is going to have, where the server says so. */
  readonly length: number | undefined;
  /** The server's name for this state of the file. */
  readonly etag: string | undefined;
  /** Destroyed with an error where the body ends early or stalls. */
  readonly body: IncomingMessage;
}

const maxRedirects = 20;

export async function get(start: URL, options: GetOptions): Promise<GetResponse> {
  let url = start;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const response = await send(url, options);
    const location = response.headers.location;
    if (location !== undefined && isRedirect(response.statusCode!)) {
      response.resume();
      const next = URL.parse(location, url.href);
      if (!next || (next.protocol !== 'http:' && next.protocol !== 'https:'))
        throw new Error(`redirected to '${location}', which is no HTTP address`);
      if (url.protocol === 'https:' && next.protocol === 'http:')
        throw new Error(`redirected from HTTPS to '${next.href}', which is not encrypted`);
      url = next;
      continue;
    }
    const length = Number(response.headers['content-length'] ?? Number.NaN);
    return {
      url,
      status: response.statusCode!,
      length: Number.isSafeInteger(length) ? length : undefined,
      etag: response.headers.etag,
      body: response,
    };
  }
  throw new Error(`redirected more than ${maxRedirects} times`);
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

async function send(url: URL, options: GetOptions): Promise<IncomingMessage> {
  options.signal.throwIfAborted();
  const headers: Record<string, string> = { 'user-agent': 'nixlet', accept: '*/*', 'accept-encoding': 'identity' };
  Object.assign(headers, options.headers);
  if (options.from) headers.range = `bytes=${options.from}-`;
  const proxy = options.proxy(url);
  const request: RequestOptions = { method: 'GET', headers, signal: options.signal, agent: false };
  if (!proxy)
    return answer(url.protocol === 'https:' ? httpsRequest(url, request) : httpRequest(url, request), options);
  Object.assign(headers, proxyAuthorization(proxy));
  if (url.protocol === 'http:')
    return answer(
      httpRequest({
        ...request,
        host: proxy.hostname,
        port: proxy.port || 80,
        path: url.href,
        headers: { ...headers, host: url.host },
      }),
      options,
    );
  const socket = await openTunnel(url, proxy, options);
  const secure = tlsConnect({ socket, servername: url.hostname });
  return answer(httpsRequest(url, { ...request, createConnection: () => secure }), options);
}

/** CONNECT: the proxy passes bytes on to the server. */
function openTunnel(url: URL, proxy: URL, options: GetOptions): Promise<Socket> {
  const authority = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      method: 'CONNECT',
      host: proxy.hostname,
      port: proxy.port || 80,
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      signal: options.signal,
      agent: false,
    });
    request.setTimeout(options.stallTimeout, () => request.destroy(stalled(options)));
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new Error(`the proxy ${proxy.host} answered ${response.statusCode} to CONNECT`));
      }
    });
    request.once('error', reject);
    request.end();
  });
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (!proxy.username) return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function answer(request: ClientRequest, options: GetOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.setTimeout(options.stallTimeout, () => request.destroy(stalled(options)));
    request.once('response', (response) => {
      // From here on a failing request shows as a failing body.
      request.on('error', (error) => response.destroy(error));
      resolve(response);
    });
    request.once('error', reject);
    request.end();
  });
}

function stalled(options: GetOptions): Error {
  return new Error(`nothing was received for ${options.stallTimeout / 1000} seconds`);
}
