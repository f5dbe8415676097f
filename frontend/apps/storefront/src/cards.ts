import type { Ref } from 'vue'

/** What a grid of cards has to know of the list it shows, as `usePages` answers it. */
export interface CardList {
  isPending: Readonly<Ref<boolean>>
  isError: Readonly<Ref<boolean>>
  error: Readonly<Ref<unknown>>
  isFetching: Readonly<Ref<boolean>>
  hasNextPage: Readonly<Ref<boolean>>
  isFetchingNextPage: Readonly<Ref<boolean>>
  isFetchNextPageError: Readonly<Ref<boolean>>
  refetch: () => unknown
  fetchNextPage: () => unknown
}

/** What is said where no card is; `showAll` is on the button that drops the filter. */
export interface Nothing {
  picture: string
  title: string
  hint: string
  showAll?: string
}
