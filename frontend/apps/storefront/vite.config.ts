import { VantResolver } from '@vant/auto-import-resolver'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vite'
import { iconPark } from '../../scripts/icon-park.ts'
import { vantIconSubset } from '../../scripts/vant-icon-subset.ts'

const SHARED = /storefront\/src|packages\/|icon-park:|plugin-vue|vant/
const VENDOR = /node_modules\/(?:@?vue|vue-router|vue-i18n|@intlify|@tanstack)/

export default defineConfig({
  base: '/static/storefront/',
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  plugins: [
    vue(),
    iconPark(),
    // a component of Vant that brings its icon font names the icons it shows here
    vantIconSubset([]),
    Components({ resolvers: [VantResolver()], dts: 'components.d.ts', dirs: ['src/components'] }),
  ],
  optimizeDeps: { exclude: ['vant'] },
  server: { port: 5317, strictPort: true, cors: { origin: /^https?:\/\/([\w-]+\.)*localhost(:\d+)?$/ } },
  build: {
    manifest: 'manifest.json',
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: 'src/main.ts',
      output: {
        codeSplitting: {
          groups: [
            { name: 'vendor', test: VENDOR, priority: 2 },
            // what three pages share would otherwise become some thirty tiny files of the first load
            { name: 'shared', test: SHARED, minShareCount: 3, priority: 1 },
          ],
        },
      },
    },
  },
})
