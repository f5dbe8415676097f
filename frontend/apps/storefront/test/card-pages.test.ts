import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { h, ref } from 'vue'
import type { CardList } from '../src/cards.ts'
import CardPages from '../src/components/CardPages.vue'
import Choices from '../src/components/Choices.vue'

const OPTIONS = [
  { value: 'all', text: 'All' },
  { value: 'goods', text: 'Goods' },
]
const ITEMS = Array.from({ length: 6 }, (_, index) => ({ id: `i${index}` }))
const NONE = { picture: '1f381', title: 'Nothing yet', hint: 'Come back', showAll: 'Show all' }

function listOf(state: Partial<Record<'isPending' | 'isError' | 'isFetching' | 'hasNextPage' | 'isFetchingNextPage' | 'isFetchNextPageError', boolean>> = {}) {
  const asked: string[] = []
  const is = (name: keyof typeof state) => ref(state[name] ?? false)
  const list: CardList = {
    isPending: is('isPending'),
    isError: is('isError'),
    error: ref(state.isError ? new Error('offline') : null),
    isFetching: is('isFetching'),
    hasNextPage: is('hasNextPage'),
    isFetchingNextPage: is('isFetchingNextPage'),
    isFetchNextPageError: is('isFetchNextPageError'),
    refetch: () => asked.push('again'),
    fetchNextPage: () => asked.push('more'),
  }
  return { list, asked }
}

function shown(list: CardList, more: Partial<{ items: typeof ITEMS; options: typeof OPTIONS; none: Partial<typeof NONE> }> = {}) {
  return mount(CardPages, {
    props: { modelValue: 'all', name: 'kind', label: 'Kind', options: more.options ?? OPTIONS, items: more.items ?? ITEMS, list, none: { ...NONE, ...more.none } },
    slots: { default: ({ item, eager }: { item: { id: string }; eager: boolean }) => h('article', { 'data-eager': eager }, item.id) },
    global: {
      components: { Choices },
      stubs: {
        MallBones: { template: '<div class="bones" />' },
        StateError: { props: ['error'], emits: ['retry'], template: '<button class="retry" @click="$emit(\'retry\')">{{ error.message }}</button>' },
        StateEmpty: { props: ['picture', 'title', 'hint'], template: '<section class="none">{{ picture }} {{ title }} {{ hint }}<slot /></section>' },
        LoadMore: { props: ['hasMore', 'isLoading', 'isFailed'], emits: ['more'], template: '<button class="more" @click="$emit(\'more\')">{{ hasMore }} {{ isLoading }} {{ isFailed }}</button>' },
      },
    },
  })
}

describe('cards in pages', () => {
  it('draws the cards, those of the first screen at once, and reads more', async () => {
    const { list, asked } = listOf({ hasNextPage: true, isFetching: true })
    const page = shown(list)
    const cards = page.findAll('.grid article')
    expect(cards.map((card) => [card.text(), card.attributes('data-eager')])).toEqual(ITEMS.map(({ id }, index) => [id, String(index < 4)]))
    expect(page.find('.grid').attributes('aria-busy')).toBe('true')
    expect(page.find('.more').text()).toBe('true false false')
    await page.find('.more').trigger('click')
    expect(asked).toEqual(['more'])
  })

  it('tells which pill was chosen, and draws none where there is nothing to choose', async () => {
    const page = shown(listOf().list)
    await page.find('input[value="goods"]').setValue()
    expect(page.emitted('update:modelValue')).toEqual([['goods']])
    expect(shown(listOf().list, { options: [] }).find('.filters').exists()).toBe(false)
  })

  it('keeps the place while it loads', () => {
    const page = shown(listOf({ isPending: true }).list, { items: [] })
    expect(page.find('.bones').exists()).toBe(true)
    expect(page.find('.none').exists()).toBe(false)
  })

  it('can be asked again after a failure, and keeps cards that are there', async () => {
    const { list, asked } = listOf({ isError: true })
    const page = shown(list, { items: [] })
    expect(page.find('.retry').text()).toBe('offline')
    await page.find('.retry').trigger('click')
    expect(asked).toEqual(['again'])
    expect(shown(list).findAll('article')).toHaveLength(6)
  })

  it('says why there is nothing, with a way out where a filter is the reason', async () => {
    const page = shown(listOf().list, { items: [] })
    expect(page.find('.none').text()).toBe('1f381 Nothing yet Come backShow all')
    await page.find('.none button').trigger('click')
    expect(page.emitted('showAll')).toHaveLength(1)
    expect(shown(listOf().list, { items: [], none: { showAll: undefined } }).find('.none button').exists()).toBe(false)
  })
})
