import { shallowRef } from 'vue'
import type { Language } from 'element-plus/es/locale/index.mjs'
import { boot } from '../boot.ts'

const LOADERS = {
  'zh-hans': () => import('element-plus/es/locale/lang/zh-cn.mjs'),
  en: () => import('element-plus/es/locale/lang/en.mjs'),
}

/** Element Plus's own texts in the page's language. */
export function useAsyncElementLocale() {
  const locale = shallowRef<Language>()
  void LOADERS[boot.locale]().then((module) => {
    locale.value = module.default
    return module
  })
  return locale
}
