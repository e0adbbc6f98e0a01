import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isJsonObject, type Json } from '@agent-ci/core/json'
import { parse } from 'yaml'

/** By user: the file that holds a token, as `tokenFile` of a kubeconfig names it. The library does not read this key. */
export type TokenFiles = ReadonlyMap<string, string>

/** The token files of a kubeconfig's text; relative ones start from `directory`. */
export function tokenFilesIn(text: string, directory: string): TokenFiles {
  const config = parse(text) as Json
  const users = isJsonObject(config) && Array.isArray(config.users) ? config.users : []
  return new Map(
    users.flatMap((entry): [string, string][] => {
      if (!isJsonObject(entry) || typeof entry.name !== 'string' || !isJsonObject(entry.user)) return []
      const { tokenFile } = entry.user
      return typeof tokenFile === 'string' && tokenFile !== '' ? [[entry.name, resolve(directory, tokenFile)]] : []
    }),
  )
}

/** Those of some files; relative ones start from the file that names them. */
export const tokenFilesOf = (files: readonly string[]): TokenFiles =>
  new Map(files.flatMap((file) => [...tokenFilesIn(readFileSync(file, 'utf8'), dirname(file))]))
