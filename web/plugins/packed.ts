import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const SMALLEST = 1024
const TEXT = /\.(js|css|svg|json|html)$/

/** Lays a gzip and a Brotli copy beside every text file, so that the server packs nothing while it answers. */
export function packed(): Plugin {
  let folder = ''
  return {
    name: 'packed',
    apply: 'build',
    configResolved(config) {
      folder = path.resolve(config.root, config.build.outDir)
    },
    async closeBundle() {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !TEXT.test(entry.name)) continue
        const file = path.join(entry.parentPath, entry.name)
        const content = await readFile(file)
        if (content.length < SMALLEST) continue
        await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }))
        const options = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
        await writeFile(`${file}.br`, await promisify(brotliCompress)(content, options))
      }
    },
  }
}
