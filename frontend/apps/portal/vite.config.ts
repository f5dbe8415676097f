import { defineConfig } from 'vite'

export default defineConfig({
  base: '/static/portal/',
  server: { port: 5319, strictPort: true, cors: { origin: /^https?:\/\/([\w-]+\.)*localhost(:\d+)?$/ } },
  build: {
    manifest: 'manifest.json',
    target: 'es2020',
    modulePreload: { polyfill: false },
    rolldownOptions: { input: 'src/main.ts' },
  },
})
