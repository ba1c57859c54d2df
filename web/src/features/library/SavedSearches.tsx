import { ActionIcon, Button, Group, Popover, Stack, Text, TextInput } from '@mantine/core'
import { IconBookmark, IconPencil, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ErrorNote } from '@/ui/ErrorNote'
import { dropSearch, renameSearch, type SavedSearch, savedOptions, saveSearch } from './api'
import { type Filter, filterOfSaved, isSame, partsOf, savedOf } from './filter'
import classes from './saved.module.css'
import { useShown } from './shown'

interface SavedOf {
  filter: Filter
  workspaceId: string | null
  onFilter: (filter: Filter) => void
}

/** Searches somebody keeps: one click brings one back. */
export function SavedSearches({ filter, workspaceId, onFilter }: SavedOf) {
  const { say } = useShown()
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const [name, setName] = useState('')
  const [renamed, setRenamed] = useState<SavedSearch | null>(null)
  const { data: kept = [], error } = useQuery({ ...savedOptions(workspaceId), enabled: isOpen })
  const refresh = () => queries.invalidateQueries({ queryKey: ['saved-searches'] })
  const save = useMutation({
    mutationFn: () => saveSearch(workspaceId, name.trim(), savedOf(filter)),
    onSuccess: () => {
      setName('')
      return refresh()
    },
  })
  const rename = useMutation({
    mutationFn: (to: SavedSearch) => renameSearch(to.id, to.name.trim()),
    onSuccess: () => {
      setRenamed(null)
      return refresh()
    },
  })
  const drop = useMutation({ mutationFn: dropSearch, onSuccess: refresh })
  const canSave = partsOf(filter).length > 0
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim()) save.mutate()
  }
  const submitRenamed = (event: FormEvent) => {
    event.preventDefault()
    if (renamed?.name.trim()) rename.mutate(renamed)
  }
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" shadow="md" width={320} trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={say('saved')}
          title={say('saved')}
          onClick={() => setOpen((open) => !open)}
        >
          <IconBookmark size={18} stroke={1.7} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Text fw={600} size="sm">
            {say('saved')}
          </Text>
          {error || save.error || rename.error || drop.error ? (
            <ErrorNote error={error ?? save.error ?? rename.error ?? drop.error} />
          ) : null}
          {kept.length > 0 && (
            <ul className={classes.kept}>
              {kept.map((search) =>
                renamed?.id === search.id ? (
                  <li key={search.id}>
                    <form onSubmit={submitRenamed} className={classes.row}>
                      <TextInput
                        size="xs"
                        flex={1}
                        data-autofocus
                        maxLength={100}
                        aria-label={say('saveName')}
                        value={renamed.name}
                        onChange={(event) => setRenamed({ ...renamed, name: event.currentTarget.value })}
                      />
                      <Button size="compact-sm" type="submit" loading={rename.isPending}>
                        {say('save')}
                      </Button>
                    </form>
                  </li>
                ) : (
                  <li key={search.id} className={classes.row}>
                    <button
                      type="button"
                      className={classes.search}
                      aria-current={isSame(filterOfSaved(search.query), filter) || undefined}
                      onClick={() => {
                        onFilter(filterOfSaved(search.query))
                        setOpen(false)
                      }}
                    >
                      {search.name}
                    </button>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={say('renameSaved', { name: search.name })}
                      onClick={() => setRenamed(search)}
                    >
                      <IconPencil size={15} />
                    </ActionIcon>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={say('dropSaved', { name: search.name })}
                      onClick={() => drop.mutate(search.id)}
                    >
                      <IconTrash size={15} />
                    </ActionIcon>
                  </li>
                ),
              )}
            </ul>
          )}
          {canSave ? (
            <form onSubmit={submit}>
              <Group gap="xs" wrap="nowrap" align="end">
                <TextInput
                  size="sm"
                  flex={1}
                  maxLength={100}
                  label={say('saveThis')}
                  placeholder={say('saveName')}
                  value={name}
                  onChange={(event) => setName(event.currentTarget.value)}
                />
                <Button type="submit" disabled={!name.trim()} loading={save.isPending}>
                  {say('save')}
                </Button>
              </Group>
            </form>
          ) : (
            <Text size="sm" className="sl-quiet">
              {say('noSaved')}
            </Text>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
