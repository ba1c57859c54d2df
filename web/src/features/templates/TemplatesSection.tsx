import { Button, Group, Loader, NavLink, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useLanguage } from '@/state/language'
import { useMayEdit } from '@/state/session'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { NewTemplate } from './Dialogs'
import { useTemplates } from './queries'
import { TemplatePage } from './TemplatePage'
import classes from './Templates.module.css'
import { TEXT } from './text'
import { titleOf } from './thresholds'
import { type Desk, deskOf, type Listed as Template } from './types'

const DESKS: readonly Desk[] = ['qc', 'interview']

/** The templates and rubrics there are; the one that is open stands in the address: `#qc/house`. */
export function TemplatesSection() {
  const say = useText(TEXT)
  const mayEdit = useMayEdit()
  const { data, error, refetch } = useTemplates()
  const [wanted, setWanted] = useState('')
  const [isNew, setNew] = useState(false)
  const [open, choose] = useOpen()
  if (error) return <ErrorNote error={error} again={() => refetch()} />
  if (!data) return <Loader size="sm" type="dots" />
  return (
    <div className={classes.section}>
      <Text size="sm" className="sl-quiet" mb="sm" maw={760}>
        {say('intro')}
      </Text>
      <div className={classes.columns} data-open={open !== null || undefined}>
        <nav className={classes.list} aria-label={say('list')}>
          <Group gap="xs" wrap="nowrap" mb="xs">
            <TextInput
              size="xs"
              style={{ flex: 1 }}
              type="search"
              aria-label={say('search')}
              placeholder={say('search')}
              leftSection={<IconSearch size={14} aria-hidden />}
              value={wanted}
              onChange={(event) => setWanted(event.currentTarget.value)}
            />
            {mayEdit && (
              <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => setNew(true)}>
                {say('new')}
              </Button>
            )}
          </Group>
          {DESKS.map((desk) => (
            <DeskList
              key={desk}
              desk={desk}
              items={data.items.filter((one) => one.desk === desk)}
              wanted={wanted}
              open={open}
              onChoose={choose}
            />
          ))}
        </nav>
        {open ? (
          <TemplatePage desk={open.desk} name={open.name} onChoose={choose} />
        ) : (
          <Text className={classes.nothing} size="sm">
            {say('chooseOne')}
          </Text>
        )}
      </div>
      {isNew && <NewTemplate desk={open?.desk ?? 'qc'} onClose={() => setNew(false)} onMade={choose} />}
    </div>
  )
}

interface Open {
  readonly desk: Desk
  readonly name: string
}

function useOpen(): [Open | null, (desk: Desk, name: string | null) => void] {
  const { hash } = useLocation()
  const go = useNavigate()
  const [desk, ...rest] = decodeURIComponent(hash).split('/')
  const name = rest.join('/')
  const open = name && (desk === 'qc' || desk === 'interview') ? { desk: deskOf(desk), name } : null
  return [open, (to, chosen) => void go({ to: '.', search: true, hash: chosen ? `${to}/${chosen}` : '' })]
}

interface Listed {
  readonly desk: Desk
  readonly items: readonly Template[]
  readonly wanted: string
  readonly open: Open | null
  readonly onChoose: (desk: Desk, name: string) => void
}

function DeskList({ desk, items, wanted, open, onChoose }: Listed) {
  const say = useText(TEXT)
  const language = useLanguage()
  const looked = wanted.trim().toLocaleLowerCase(language)
  const found = items.filter((one) =>
    `${one.name} ${told(titleOf(one), language)}`.toLocaleLowerCase(language).includes(looked),
  )
  return (
    <section className={classes.desk}>
      <Title order={2} size="h3" mb={4}>
        {say(desk === 'qc' ? 'qcTemplates' : 'rubrics')}
      </Title>
      {found.length === 0 && (
        <Text size="sm" className="sl-quiet">
          {say('noneFound')}
        </Text>
      )}
      {[...found.filter((one) => !one.is_shipped), ...found.filter((one) => one.is_shipped)].map((one) => (
        <NavLink
          key={one.name}
          component="button"
          type="button"
          className={classes.item}
          active={open?.desk === desk && open.name === one.name}
          aria-current={open?.desk === desk && open.name === one.name ? 'true' : undefined}
          label={told(titleOf(one), language) || one.name}
          description={one.is_shipped ? one.name : `${one.name} · ${say('own')}`}
          onClick={() => onChoose(desk, one.name)}
        />
      ))}
    </section>
  )
}
