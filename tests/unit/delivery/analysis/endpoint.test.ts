import { parseEndpoint, parsePrometheusHeaders } from '@agent-ci/delivery/analysis/prometheus/endpoint'
import { describe, expect, test } from '@jest/globals'

describe('prometheus-url', () => {
  test.each([
    ['http://prometheus:9090', 'http://prometheus:9090/'],
    [' https://host/prometheus/ ', 'https://host/prometheus'],
    ['https://host/prometheus/api/v1', 'https://host/prometheus'],
    ['https://host/api/v1/query', 'https://host/'],
    ['http://host:9090/graph#x', 'http://host:9090/'],
  ])('%s is %s', (text, url) => {
    expect(parseEndpoint(text).url.href).toBe(url)
  })

  test.each(['', 'prometheus:9090', 'ftp://host', 'http://host?token=s3cret'])('%j is refused', (text) => {
    expect(() => parseEndpoint(text)).toThrow(
      'prometheus-url is not the address of a Prometheus. Expected http:// or https://, a host, perhaps a path, and no query.',
    )
  })

  test('a user beside an Authorization header is refused, without either', () => {
    const both = () => parseEndpoint('http://ann:pass@host', { authorization: 'Bearer tok' })
    expect(both).toThrow(/Only one of them can be sent/)
    expect(both).not.toThrow(/pass@|tok/)
  })
})

describe('prometheus-headers', () => {
  test('are lines of name and value', () => {
    expect(parsePrometheusHeaders('Authorization: Bearer a:b=\r\n\n  X-Scope-OrgID:team ')).toEqual({
      authorization: 'Bearer a:b=',
      'x-scope-orgid': 'team',
    })
  })

  test.each([
    ['Bearer s3cret', 'Line 1 of prometheus-headers is not a header. Expected a name, a colon and a value.'],
    [
      'A: 1\nAuthorization:',
      'Line 2 of prometheus-headers is not a header. authorization has no value; perhaps a secret is not set.',
    ],
    ['A: s3cret\u0007', 'a holds characters that no header can hold'],
    ['A: s3cret\na: s3cret', 'a is given twice'],
  ])('%j is refused without its value', (text, message) => {
    expect(() => parsePrometheusHeaders(text)).toThrow(message)
    expect(() => parsePrometheusHeaders(text)).not.toThrow(/s3cret/)
  })
})
