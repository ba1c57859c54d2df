import { lazy } from 'react'
import { SettingsPage } from '@/features/settings/SettingsPage'

const TemplatesSection = lazy(async () => {
  const found = await import('@/features/templates/TemplatesSection')
  return { default: found.TemplatesSection }
})

/** The settings with the part that another feature makes: features do not import each other. */
export function Settings() {
  return <SettingsPage templates={TemplatesSection} />
}
