declare module '~icons/*' {
  import type { FunctionalComponent, SVGAttributes } from 'vue'

  const icon: FunctionalComponent<SVGAttributes>
  export default icon
}
