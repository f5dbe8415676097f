import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import { keyboardTaps } from './a11y.ts'
import App from './App.vue'
import { locale, merchant } from './boot.ts'
import { loadMessages } from './i18n.ts'
import { createQueryClient } from './queries.ts'
import { createPageRouter } from './router.ts'
import { applyTheme } from './theme.ts'
import './styles/base.css'
import './styles/vant.css'
import './styles/parts.css'
import './styles/shell.css'

const i18n = await loadMessages(locale)
applyTheme(merchant)
keyboardTaps()

createApp(App)
  .use(i18n)
  .use(VueQueryPlugin, { queryClient: createQueryClient() })
  .use(createPageRouter())
  .mount('#app')
