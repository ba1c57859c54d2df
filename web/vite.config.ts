import path from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { packed } from './plugins/packed.ts'

const server = process.env.SIGHTLINE_DEV_API ?? 'http://127.0.0.1:8000'
const passedOn = ['/api', '/sign-in', '/shared', '/docs', '/pages', '/healthz', '/readyz']

export default defineConfig({
  plugins: [react(), packed()],
  resolve: { alias: { '@': path.resolve(import.meta.dirname, 'src') } },
  build: {
    outDir: process.env.SIGHTLINE_WEB_OUT ?? '../src/sightline/api/pages/web',
    emptyOutDir: true,
    target: 'es2022',
    // A module in a data: address would need a wider content-security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    strictPort: true,
    // Hosts are kept: the service compares the Origin of a change with the name it was asked by.
    proxy: Object.fromEntries(passedOn.map((at) => [at, { target: server, changeOrigin: false }])),
  },
})
