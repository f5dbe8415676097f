import vue from '@vitejs/plugin-vue'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import Components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vite'
import { iconPark } from '../../scripts/icon-park.ts'

const VENDOR = /node_modules[\\/](vue|@vue|vue-router|vue-i18n|@intlify|@tanstack)[\\/]/

export default defineConfig({
  base: '/static/console/',
  plugins: [
    vue(),
    iconPark(),
    Components({ resolvers: [ElementPlusResolver()], dts: 'components.d.ts', dirs: ['src/components'] }),
  ],
  optimizeDeps: { include: ['element-plus/es', 'element-plus/es/components/*/style/css'] },
  server: { port: 5318, strictPort: true, cors: { origin: /^https?:\/\/([\w-]+\.)*localhost(:\d+)?$/ } },
  build: {
    manifest: 'manifest.json',
    target: 'es2022',
    modulePreload: { polyfill: false },
    // ECharts alone is about 560 kB before compression; it loads with the dashboard only.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: 'src/main.ts',
      output: { codeSplitting: { groups: [{ name: 'vendor', test: VENDOR }] } },
    },
  },
})
