import { join, matchesGlob, resolve } from 'node:path'
import { DefaultArtifactClient } from '@actions/artifact'
import { getInput, info } from '@actions/core'

const [name, pattern, path] = ['name', 'pattern', 'path'].map((input) => getInput(input))
const client = new DefaultArtifactClient()
const { artifacts } = await client.listArtifacts({ latest: true })
const wanted = artifacts.filter((each) => (name ? each.name === name : matchesGlob(each.name, pattern!)))
if (name && wanted.length === 0) throw new Error(`There is no artifact ${name}`)
for (const each of wanted) {
  await client.downloadArtifact(each.id, { path: resolve(name ? path! : join(path!, each.name)) })
  info(`${each.name} is in ${path}`)
}
