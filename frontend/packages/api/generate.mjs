// Writes src/<surface>.gen.ts from docs/api/<surface>.yaml: the types of every request and answer.
import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@hey-api/openapi-ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const documents = join(here, '../../../docs/api')

for (const surface of ['storefront', 'console']) {
  const input = join(documents, `${surface}.yaml`)
  if (!existsSync(input)) continue
  const folder = await mkdtemp(join(tmpdir(), 'jifen-api-'))
  await createClient({ input, output: { path: folder }, plugins: ['@hey-api/typescript'], logs: { level: 'warn' } })
  await copyFile(join(folder, 'types.gen.ts'), join(here, `src/${surface}.gen.ts`))
  await rm(folder, { recursive: true })
}
