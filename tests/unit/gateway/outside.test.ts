import { ConfigurationError } from '@agent-ci/core/errors'
import { proxyAuthorization, proxyFor, proxySettings } from '@agent-ci/core/proxy'
import { credentialsOf, requestHeaders, responseHeaders, storedHeaders } from '@agent-ci/gateway/headers'
import { isForUs } from '@agent-ci/gateway/loopback'
import { checkOptions } from '@agent-ci/gateway/options'
import { parseUpstream } from '@agent-ci/gateway/upstream'
import { describe, expect, test } from '@jest/globals'

describe('proxies', () => {
  const env = {
    HTTPS_PROXY: 'http://secure:3128',
    http_proxy: 'plain:8080',
    NO_PROXY: 'localhost, .internal *.corp,10.0.0.1:8443,[::1]',
  }
  test.each([
    ['https://api.anthropic.com', 'http://secure:3128/'],
    ['http://api.example', 'http://plain:8080/'],
    ['http://localhost:9000', undefined],
    ['https://internal', undefined],
    ['https://a.internal', undefined],
    ['https://notinternal', 'http://secure:3128/'],
    ['https://x.corp', undefined],
    ['https://10.0.0.1:8443', undefined],
    ['https://10.0.0.1', 'http://secure:3128/'],
    ['http://[::1]:5', undefined],
  ])('%s goes through %s', (url, proxy) => {
    expect(proxyFor(new URL(url), proxySettings(env))?.href).toBe(proxy)
  })

  test('* stands for every host, names in small letters come first, and none is none', () => {
    const url = new URL('https://api.anthropic.com')
    expect(proxyFor(url, proxySettings({ ...env, no_proxy: '*' }))).toBeUndefined()
    expect(proxyFor(url, proxySettings({ ...env, https_proxy: 'http://other:1' }))?.host).toBe('other:1')
    expect(proxyFor(url, proxySettings({}))).toBeUndefined()
  })

  test.each(['socks5://x:1', 'http://', '::'])('%s is refused without being told', (proxy) => {
    expect(() => proxySettings({ HTTPS_PROXY: proxy })).toThrow(ConfigurationError)
    expect(() => proxySettings({ HTTPS_PROXY: 'ftp://user:password@x' })).not.toThrow(/password/)
  })

  test('a proxy’s user goes into its header', () => {
    expect(proxyAuthorization(new URL('http://me:p%40ss@x'))).toEqual({ 'proxy-authorization': 'Basic bWU6cEBzcw==' })
    expect(proxyAuthorization(new URL('http://x'))).toEqual({})
  })
})

describe('headers', () => {
  const incoming = {
    host: 'localhost',
    connection: 'keep-alive, x-hop',
    'x-hop': '1',
    'keep-alive': 'timeout=5',
    'transfer-encoding': 'chunked',
    'content-length': '5',
    'accept-encoding': 'gzip',
    'x-api-key': 'agent',
    authorization: 'Bearer agent',
    'anthropic-version': 'v',
  }

  test('of one connection do not go on, and plain text is asked for', () => {
    expect(requestHeaders(incoming, undefined)).toEqual({
      'x-api-key': 'agent',
      authorization: 'Bearer agent',
      'anthropic-version': 'v',
      'accept-encoding': 'identity',
    })
  })

  test('the gateway’s own key takes the place of the agent’s', () => {
    expect(requestHeaders(incoming, { 'x-api-key': 'ours' })).toEqual({
      'x-api-key': 'ours',
      'anthropic-version': 'v',
      'accept-encoding': 'identity',
    })
  })

  test('answers lose their encoding when we have decoded them', () => {
    const answer = { 'content-encoding': 'gzip', 'content-length': '3', 'request-id': 'r', connection: 'close' }
    expect(responseHeaders(answer, true)).toEqual({ 'request-id': 'r' })
    expect(responseHeaders(answer, false)).toEqual({ 'content-encoding': 'gzip', 'request-id': 'r' })
  })

  test('only what is known to be harmless is stored', () => {
    const answer = {
      'content-type': 'application/json',
      'request-id': 'r',
      'set-cookie': ['a'],
      'openai-organization': 'o',
      'x-new': '1',
    }
    expect(storedHeaders(answer)).toEqual({ 'content-type': 'application/json', 'request-id': 'r' })
  })

  test('the agent’s keys are found', () => {
    expect(credentialsOf({ 'x-api-key': 'a', authorization: 'Bearer b', cookie: 'c=d', host: 'x' })).toEqual([
      'a',
      'b',
      'c=d',
    ])
    expect(credentialsOf({})).toEqual([])
  })
})

describe('isForUs', () => {
  const names = new Set(['host.docker.internal'])
  test.each([
    [{ host: '127.0.0.1:8080' }, true],
    [{ host: 'localhost' }, true],
    [{ host: 'LOCALHOST:1' }, true],
    [{ host: '[::1]:8080' }, true],
    [{ host: 'host.docker.internal:8080' }, true],
    [{ host: 'evil.example:8080' }, false],
    [{ host: '127.0.0.1.evil.example' }, false],
    [{}, false],
    [{ host: 'localhost', origin: 'http://localhost:3000' }, true],
    [{ host: 'localhost', origin: 'https://evil.example' }, false],
    [{ host: 'localhost', origin: 'null' }, false],
  ])('%j: %s', (headers, expected) => {
    expect(isForUs(headers, names)).toBe(expected)
  })
})

describe('options', () => {
  test.each([
    [{ mode: 'rewind' as never }, /mode is "rewind"/],
    [{ mode: 'replay' as const }, /Mode replay has no directory/],
    [{ mode: 'live' as const, port: 70_000 }, /port is 70000/],
    [{ mode: 'live' as const, budget: { usd: -1 } }, /budget-usd is -1/],
    [{ mode: 'live' as const, rateLimits: { requestsPerMinute: 0 } }, /requestsPerMinute is 0/],
    [{ mode: 'live' as const, retries: { most: Number.NaN, longestWaitMs: 1 } }, /retries is NaN/],
    [{ mode: 'live' as const, ignore: ['a..b'] }, /"a\.\.b" in ignore/],
    [{ mode: 'live' as const, redact: ['('] }, /redact has the pattern/],
  ])('%j is refused', (options, message) => {
    expect(() => checkOptions(options)).toThrow(ConfigurationError)
    expect(() => checkOptions(options)).toThrow(message)
  })

  test.each(['api.example', 'ftp://x', 'https://user:secret@x', 'https://x?key=secret'])('%s is no upstream', (url) => {
    expect(() => parseUpstream('upstream-openai', url)).toThrow('upstream-openai is not the address of an API')
    expect(() => parseUpstream('upstream-openai', url)).not.toThrow(/secret/)
  })
})
