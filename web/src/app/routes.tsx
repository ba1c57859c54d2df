import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import type { LibrarySearch } from '@/features/library/filter'
import { Missing, Trouble } from './Missing'
import { Shell } from './Shell'

interface Context {
  readonly queries: QueryClient
}

type Asked = Record<string, unknown>
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
/** A text that looks like a number where somebody typed the address: `?q=2026`. */
const spelt = (value: unknown): string | undefined => text(typeof value === 'number' ? String(value) : value)
const amount = (value: unknown): number | undefined => {
  const found = typeof value === 'string' ? Number(value) : value
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

const root = createRootRouteWithContext<Context>()({
  component: Shell,
  notFoundComponent: Missing,
  errorComponent: Trouble,
})

const library = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: (asked: Asked): LibrarySearch => ({
    q: spelt(asked.q),
    tags: Array.isArray(asked.tags) ? asked.tags.map(spelt).filter((tag) => tag !== undefined) : undefined,
    desk: text(asked.desk),
    verdict: text(asked.verdict),
    state: text(asked.state),
    from: text(asked.from),
    before: text(asked.before),
    shortest: amount(asked.shortest),
    longest: amount(asked.longest),
    minHeight: amount(asked.minHeight),
    maxHeight: amount(asked.maxHeight),
    order: text(asked.order),
    ascending: asked.ascending === true ? true : undefined,
    view: text(asked.view),
  }),
  component: lazyRouteComponent(() => import('@/features/library/LibraryPage'), 'LibraryPage'),
})

/** `analysis`: the one shown, `beside`: the one it is compared with, `t`: seconds. */
export interface VideoSearch {
  analysis?: string
  beside?: string
  t?: number
}

const seen = (asked: Asked): VideoSearch => ({
  analysis: text(asked.analysis),
  beside: text(asked.beside),
  t: amount(asked.t),
})
const videoPage = lazyRouteComponent(() => import('@/features/video/VideoPage'), 'VideoPage')

const video = createRoute({
  getParentRoute: () => root,
  path: '/videos/$videoId',
  validateSearch: seen,
  component: videoPage,
})

const shared = createRoute({
  getParentRoute: () => root,
  path: '/s/$analysisId',
  validateSearch: seen,
  component: lazyRouteComponent(() => import('@/features/video/SharedPage'), 'SharedPage'),
})

/** What the list of work is narrowed to. */
export interface WorkSearch {
  state?: string
  kind?: string
}

const jobs = createRoute({
  getParentRoute: () => root,
  path: '/work',
  validateSearch: (asked: Asked): WorkSearch => ({ state: text(asked.state), kind: text(asked.kind) }),
  component: lazyRouteComponent(() => import('@/features/jobs/JobsPage'), 'JobsPage'),
})

const system = createRoute({
  getParentRoute: () => root,
  path: '/system',
  component: lazyRouteComponent(() => import('@/features/system/SystemPage'), 'SystemPage'),
})

const people = createRoute({
  getParentRoute: () => root,
  path: '/people',
  component: lazyRouteComponent(() => import('@/features/people/PeoplePage'), 'PeoplePage'),
})

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings/{-$section}',
  component: lazyRouteComponent(() => import('./sections'), 'Settings'),
})

export function routerOf(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([library, video, shared, jobs, system, people, settings]),
    context: { queries },
    defaultPreload: 'intent',
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof routerOf>
  }
}
