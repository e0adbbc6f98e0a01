import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DefaultArtifactClient } from '@actions/artifact'
import { getInput, getMultilineInput, info, setFailed } from '@actions/core'

const files = getMultilineInput('path').filter((path) => existsSync(path))
if (files.length > 0) {
  const root = dirname(resolve(files[0]!))
  const { id } = await new DefaultArtifactClient().uploadArtifact(
    getInput('name'),
    files.map((path) => resolve(path)),
    root,
  )
  info(`${getInput('name')} is artifact ${id}, ${files.length} files`)
} else if (getInput('if-no-files-found') !== 'ignore') setFailed(`No file to upload as ${getInput('name')}`)
