import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { iconPark } from './scripts/icon-park.ts'

export default defineConfig({
  plugins: [vue(), iconPark()],
  test: {
    environment: 'happy-dom',
    include: ['{apps,packages,scripts}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
  },
})
