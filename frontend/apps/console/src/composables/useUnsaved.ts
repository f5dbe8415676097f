import { onBeforeUnmount, onMounted, type Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'
import { confirmFirst } from './useConfirm.ts'
import { useText } from './useText.ts'

/** Asks before a page with changes is left, by a link or by closing the window. */
export function useUnsaved(isDirty: Readonly<Ref<boolean>>): void {
  const { t } = useText()
  const onUnload = (event: BeforeUnloadEvent) => {
    if (isDirty.value) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', onUnload))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', onUnload))
  onBeforeRouteLeave(() => {
    if (!isDirty.value) return true
    return confirmFirst({
      title: t('unsaved.title'),
      text: t('unsaved.text'),
      confirm: t('unsaved.leave'),
      cancel: t('unsaved.stay'),
      isDangerous: true,
    })
  })
}
