import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SpanExporter } from '@agent-ci/notify/otlp-exporter'
import { afterEach, beforeEach, expect, test } from '@jest/globals'

let server: Server
let url: string
let answer: string
let held: Promise<void> | undefined
let received: number[][]
let warnings: string[]
beforeEach(async () => {
  answer = '{}'
  held = undefined
  received = []
  warnings = []
  server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', async () => {
      received.push(JSON.parse(body) as number[])
      await held
      response.end(answer)
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

const exporter = () =>
  new SpanExporter<number>(
    { url, headers: {}, timeoutMs: 5_000, resource: {}, content: false },
    (spans) => JSON.stringify(spans),
    {
      env: {},
      date: () => new Date(),
      random: () => 0,
      sleep: async () => undefined,
      signal: new AbortController().signal,
      warn: (title, message) => void warnings.push(`${title}: ${message}`),
    },
  )
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

test('spans go out in batches, in their order, and all of them by the end', async () => {
  const spans = exporter()
  for (const span of numbers(600)) spans.add([span])
  await spans.flush()
  expect(received.map(({ length }) => length)).toEqual([256, 256, 88])
  expect(received.flat()).toEqual(numbers(600))
  expect(warnings).toEqual([])
})

test('nothing is sent where there is nothing', async () => {
  await exporter().flush()
  expect(received).toEqual([])
})

test('a receiver that rejects some of them is told once, and gets no more', async () => {
  answer = '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}'
  const spans = exporter()
  spans.add(numbers(600))
  await spans.flush()
  spans.add(numbers(10))
  await spans.flush()
  expect(received).toHaveLength(1)
  expect(warnings).toEqual([expect.stringMatching(/the receiver rejected spans .*too old/)])
})

test('an empty partial success is a success', async () => {
  answer = '{"partialSuccess":{}}'
  const spans = exporter()
  spans.add([1])
  await spans.flush()
  expect(warnings).toEqual([])
})

test('a receiver that is slower than the run costs spans, not memory', async () => {
  let release = (): void => undefined
  held = new Promise((resolve) => {
    release = resolve
  })
  const spans = exporter()
  for (let i = 0; i < 250; i++) spans.add(numbers(100))
  release()
  await spans.flush()
  expect(received.flat().length).toBeLessThanOrEqual(20_256)
  expect(warnings).toEqual([expect.stringMatching(/slower than the run: \d+ spans were left out/)])
})
