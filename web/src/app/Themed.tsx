import { MantineProvider, mergeThemeOverrides } from '@mantine/core'
import type { ReactNode } from 'react'
import { LANGUAGES, type Language, useLanguage } from '@/state/language'
import { TEXT } from './text'
import { theme, variables } from './theme'

/** What Mantine says by itself. A window's head is no banner of the page, whatever element it would be. */
const themes = Object.fromEntries(
  LANGUAGES.map((language) => {
    const close = { defaultProps: { 'aria-label': TEXT[language].close } }
    const head = { defaultProps: { component: 'div' } }
    const components = { ModalCloseButton: close, DrawerCloseButton: close, ModalHeader: head, DrawerHeader: head }
    return [language, mergeThemeOverrides(theme, { components })]
  }),
) as Record<Language, typeof theme>

/** Looks of the page, and the few words of its parts that nobody hands them. */
export function Themed({ children }: { children: ReactNode }) {
  return (
    <MantineProvider theme={themes[useLanguage()]} cssVariablesResolver={variables} defaultColorScheme="auto">
      {children}
    </MantineProvider>
  )
}
