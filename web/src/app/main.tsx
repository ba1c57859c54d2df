import '@mantine/core/styles.css'
import './page.css'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { askAsShare, Problem } from '@/api/client'
import { language } from '@/state/language'
import { leaveWhenSignedOut } from '@/state/signedOut'
import { routerOf } from './routes'
import { Themed } from './Themed'

if (window.location.pathname.startsWith('/s/')) askAsShare()

const MOST_TRIES = 3
const queries = new QueryClient({
  queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
  mutationCache: new MutationCache({ onError: leaveWhenSignedOut }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refuses stays refused; only what did not get through is asked again.
      retry: (tries, error) => error instanceof Problem && error.isUnreachable && tries < MOST_TRIES,
    },
  },
})

document.documentElement.lang = language()
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Themed>
      <QueryClientProvider client={queries}>
        <RouterProvider router={routerOf(queries)} />
      </QueryClientProvider>
    </Themed>
  </StrictMode>,
)
