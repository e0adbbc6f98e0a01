import { request as ask, createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** act 0.2.89 refuses a call with a field that its server does not know; `mime_type` is in the protocol since 2025. */
const withoutNewFields = (body: string) => JSON.stringify({ ...JSON.parse(body), mime_type: undefined })

/** act's addresses to upload to have a `=` and `+` in their query that the library reads otherwise than act means them. */
const withPlainAddresses = (body: string) =>
  body.replaceAll(/"http[^"]+"/g, (address) => address.replaceAll('+', '%20').replace(/(sig=[\w-]+)=/, '$1%3D'))

/** Stands before act's artifact server, and brings the two of them and today's `@actions/artifact` together. */
export async function startArtifactProxy(port: number): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(async (incoming, response) => {
    const body = withoutNewFields(await text(incoming))
    // The Host that act sees is where files go: straight to act.
    const headers = { ...incoming.headers, host: `127.0.0.1:${port}`, 'content-length': Buffer.byteLength(body) }
    const { method, url: path } = incoming
    const onward = ask({ host: '127.0.0.1', port, method, path, headers }, async (answer) => {
      const { 'content-length': _, ...rest } = answer.headers
      response.writeHead(answer.statusCode ?? 500, rest).end(withPlainAddresses(await text(answer)))
    })
    onward.once('error', () => response.destroy())
    onward.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server }
}
