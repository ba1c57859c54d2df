import { Button, Group, Loader, Menu, Modal, SegmentedControl, Text } from '@mantine/core'
import { IconDownload, IconExternalLink } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { address, asked, client, type Schemas } from '@/api/client'
import { type Language, useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import classes from './Bar.module.css'
import { type Format, fileName, formatsOf, speaks } from './exports'
import { TEXT } from './text'

/** Every file the analysis can leave as. */
export function ExportMenu({ video, analysis }: { video: Schemas['VideoView']; analysis: Schemas['AnalysisDetail'] }) {
  const say = useText(TEXT)
  const page = useLanguage()
  const [chosen, setLanguage] = useState<Language | null>(null)
  const language = chosen ?? page
  const make = useMutation({
    mutationFn: async (format: Format) => {
      const content = await asked(
        client.GET('/api/v1/analyses/{analysis_id}/reports/{to}', {
          params: { path: { analysis_id: analysis.id, to: format }, query: { language } },
          parseAs: 'blob',
        }),
      )
      save(content as unknown as Blob, fileName(video.name, analysis.template, format))
    },
  })
  const page_of = address(`/analyses/${encodeURIComponent(analysis.id)}/reports/html`, { language })
  return (
    <>
      <Menu position="bottom-end" width={340} closeOnItemClick>
        <Menu.Target>
          <Button
            size="compact-md"
            fz="sm"
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            loading={make.isPending}
          >
            {say('export')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah="70vh" style={{ overflow: 'auto' }}>
          <Group px="sm" py={6} justify="space-between" wrap="nowrap">
            <Text size="xs" className="sl-quiet">
              {say('exportIn')}
            </Text>
            <SegmentedControl
              size="xs"
              aria-label={say('exportIn')}
              value={language}
              onChange={(to) => setLanguage(to as Language)}
              data={[
                { value: 'en', label: 'English' },
                { value: 'ko', label: '한국어' },
              ]}
            />
          </Group>
          {formatsOf(analysis.desk).map(({ id, formats }) => (
            <div key={id}>
              <Menu.Label>{say(id)}</Menu.Label>
              {formats.map((format) => {
                const label = (
                  <>
                    {say(format)}
                    <span className={classes.format}>{say(`${format}For`)}</span>
                  </>
                )
                return format === 'html' ? (
                  <Menu.Item
                    key={format}
                    component="a"
                    href={page_of}
                    target="_blank"
                    rel="noopener"
                    rightSection={<IconExternalLink size={14} aria-hidden />}
                  >
                    {label}
                  </Menu.Item>
                ) : (
                  <Menu.Item
                    key={format}
                    lang={speaks(format) ? language : undefined}
                    onClick={() => make.mutate(format)}
                  >
                    {label}
                  </Menu.Item>
                )
              })}
            </div>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={make.isPending} onClose={() => {}} withCloseButton={false} centered size="xs">
        <Group>
          <Loader size="sm" />
          <Text size="sm">{say('making')}</Text>
        </Group>
      </Modal>
      <Modal opened={make.isError} onClose={make.reset} title={say('exportFailed')} centered>
        <ErrorNote error={make.error} />
      </Modal>
    </>
  )
}

function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has to have begun with it before the address goes.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
