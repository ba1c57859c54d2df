import { Button, Loader, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { bytes, moment, number } from '@/ui/format'
import classes from './People.module.css'
import { type Receipt, useReceipts } from './queries'
import { ReceiptWindow } from './ReceiptWindow'
import { toldBy } from './receipt'
import { TEXT } from './text'

/** Every deletion there was, the newest first. */
export function Receipts() {
  const say = useText(TEXT)
  const language = useLanguage()
  const [open, setOpen] = useState<Receipt | null>(null)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useReceipts()
  const rows = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <section>
      <Title order={2} mb="xs">
        {say('receipts')}
      </Title>
      <Text size="sm" className="sl-quiet" maw={760} mb="md">
        {say('receiptsWhy')}
      </Text>
      <Stack>
        {error && <ErrorNote error={error} again={() => refetch()} />}
        {!data && !error && <Loader size="sm" type="dots" />}
        {data && rows.length === 0 && <div className={classes.empty}>{say('noReceipts')}</div>}
        {rows.length > 0 && (
          <div className="sl-card">
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">{say('made')}</th>
                  <th scope="col">{say('mode')}</th>
                  <th scope="col">{say('removed')}</th>
                  <th scope="col">{say('state')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((receipt) => {
                  const { removed } = toldBy(receipt.document)
                  const size = removed.reduce((sum, line) => sum + (line.bytes ?? 0), 0)
                  const count = removed.reduce((sum, line) => sum + (line.count ?? 0), 0)
                  return (
                    <tr key={receipt.id}>
                      <th scope="row">
                        <button type="button" className={classes.name} onClick={() => setOpen(receipt)}>
                          {moment(receipt.made_at, language)}
                        </button>
                      </th>
                      <td>{say(receipt.mode === 'media_only' ? 'mediaOnly' : 'everything')}</td>
                      <td data-label={say('removed')}>
                        {number(count, language)} · {bytes(size, language)}
                      </td>
                      <td>{say(receipt.is_complete ? 'complete' : 'incomplete')}</td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
        )}
        {hasNextPage && (
          <Button
            variant="default"
            loading={isFetchingNextPage}
            onClick={() => fetchNextPage()}
            style={{ alignSelf: 'center' }}
          >
            {say('more')}
          </Button>
        )}
      </Stack>
      {open && <ReceiptWindow receipt={rows.find((one) => one.id === open.id) ?? open} onClose={() => setOpen(null)} />}
    </section>
  )
}
